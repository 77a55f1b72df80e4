import { expect, test } from 'vitest'
import { hrefOf, parseRoute, type Route } from './route.ts'

const routes: Route[] = [
  { page: 'inbox' },
  { page: 'projects' },
  { page: 'new-project' },
  { page: 'project', projectId: 'prj_1', taskId: null },
  { page: 'project', projectId: 'prj_1', taskId: 'tsk_2' },
  { page: 'plan', projectId: 'prj_1' },
  { page: 'prompts' },
  { page: 'jobs' },
  { page: 'usage' },
  { page: 'services' },
  { page: 'first-run' },
  { page: 'settings', section: null },
  { page: 'settings', section: 'keys' },
]

test.each(routes)('U7 reads back the address of $page', (route) => {
  expect(parseRoute(hrefOf(route))).toEqual(route)
})

test('U7 opens the projects without an address and says which address is unknown', () => {
  expect(parseRoute('')).toEqual({ page: 'projects' })
  expect(parseRoute('#/nowhere/at/all')).toEqual({ page: 'missing', path: 'nowhere/at/all' })
  expect(parseRoute('#/projects/%E0%A4%A')).toEqual({ page: 'project', projectId: '%E0%A4%A', taskId: null })
})
