import type { Route } from './route.ts'

/** The code of pages that comes when they are opened first: the first page must not wait for graph, editor and charts. */
export const PAGES = {
  inbox: () => import('./inbox/inbox-page.tsx'),
  'new-project': () => import('./projects/new-project-page.tsx'),
  project: () => import('./project/project-page.tsx'),
  plan: () => import('./plan-editor/plan-editor-page.tsx'),
  prompts: () => import('./prompts/prompts-page.tsx'),
  jobs: () => import('./jobs/jobs-page.tsx'),
  usage: () => import('./usage/usage-page.tsx'),
  services: () => import('./services/services-page.tsx'),
  knowledge: () => import('./knowledge/knowledge-page.tsx'),
  'first-run': () => import('./first-run/first-run-page.tsx'),
  settings: () => import('./settings/settings-page.tsx'),
} as const satisfies Partial<Record<Route['page'], () => Promise<unknown>>>

/** Has the code of a page on its way before anything asks for it. */
export function loadPage({ page }: Route): void {
  // Who opens the page asks for its code once more, and tells a failure.
  if (page in PAGES) PAGES[page as keyof typeof PAGES]().catch(() => undefined)
}
