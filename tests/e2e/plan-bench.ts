import { expect, type Locator } from '@playwright/test'
import { z } from 'zod'
import { type Plan, type PlanTask, plan } from '../../src-contract/plan.ts'
import type { Host } from './host.ts'
import { ownerCalls } from './owner-calls.ts'

const BIRDS = ['Robin', 'Blackbird', 'Kingfisher', 'Great tit', 'Nuthatch']

/** Tasks in parts of six: an outline that waits for the part before, and five pages that wait for the outline. */
function guideTasks(count: number): object[] {
  return Array.from({ length: count }, (_, index) => {
    const key = `t${index + 1}`
    const place = index % 6
    const shared = { key, complexity: 'simple', tools: ['write_file'], artifacts: [`parts/${key}.md`] }
    if (place === 0) {
      const before = Array.from({ length: index === 0 ? 0 : 5 }, (_, back) => `t${index - back}`)
      return { ...shared, title: `Outline part ${index / 6 + 1}`, type: 'planning', depends_on: before }
    }
    return {
      ...shared,
      title: `Write on the ${BIRDS[place - 1]}`,
      type: 'writing',
      depends_on: [`t${index - place + 1}`],
    }
  })
}

/** A proposed plan, open in the editor. */
export interface OpenPlan {
  readonly table: Locator
  /** All its versions as Baton has them, the newest last. */
  versions(): Promise<Plan[]>
}

/** Has a plan of `count` tasks proposed over the routes and opens it in the window. */
export async function openPlan({ page, data_dir }: Host, count: number): Promise<OpenPlan> {
  const { ask, make } = ownerCalls({ page, data_dir })
  const { id } = await make('/projects', { requirements: 'A guide', name: 'Guide', profile: 'demo' })
  await ask('POST', `/projects/${id}/plans`, { document: { title: 'Guide', tasks: guideTasks(count) } })
  await page.evaluate((project) => {
    location.hash = `/projects/${project}/plan`
  }, id)
  const table = page.getByRole('grid', { name: 'Tasks of the plan' })
  await expect(table).toBeVisible()
  const all = z.object({ items: z.array(plan) })
  return {
    table,
    versions: async () =>
      all.parse(await ask('GET', `/projects/${id}/plans`)).items.toSorted((one, two) => one.version - two.version),
  }
}

/** The task of a plan with this key. */
export function taskIn({ document }: Plan, key: string): PlanTask {
  const task = document.tasks.find((each) => each.key === key)
  if (task === undefined) throw new Error(`There is no task ${key}`)
  return task
}
