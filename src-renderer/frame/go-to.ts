import type { Route } from '../route.ts'

/** After `G`, the letter of a page. */
export const GO_TO: Readonly<Record<string, Route>> = {
  i: { page: 'inbox' },
  p: { page: 'projects' },
  r: { page: 'prompts' },
  j: { page: 'jobs' },
  k: { page: 'knowledge', place: null },
  u: { page: 'usage' },
  s: { page: 'services' },
  e: { page: 'settings', section: null },
}
