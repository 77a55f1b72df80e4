import { expect, test } from 'vitest'
import { modelProfile } from '../../src-contract/model.ts'
import type { Plan } from '../../src-contract/plan.ts'
import { anthropicDouble, asked, type CoreBench, coreBench, must } from '../support/core-bench.ts'

const ME = 'Owner of this machine'

const versions = (bench: CoreBench, projectId: string): Plan[] =>
  must(bench.core.projects.plans(projectId)).items.toSorted((one, two) => one.version - two.version)

const comment = async (bench: CoreBench, plan: Plan, task: string, text: string): Promise<Plan> =>
  must(await bench.core.plans.comment(plan.id, task, text, ME))

const said = (plan: Plan | undefined) => plan?.comments.map(({ task, text }) => [task, text])

/** A project whose first version a planner wrote. */
async function planned(): Promise<{
  bench: CoreBench
  plan: Plan
  double: Awaited<ReturnType<typeof anthropicDouble>>
}> {
  const double = await anthropicDouble()
  const bench = await coreBench({ anthropic: double })
  const project = await bench.plan('A report about gulls')
  const [plan] = versions(bench, project.id)
  if (plan === undefined) throw new Error(`There is no plan: ${project.reason}`)
  return { bench, plan, double }
}

const firstKey = (plan: Plan): string => plan.document.tasks[0]?.key ?? ''

test('P5 a comment on a task stays with its version, over a restart, until it is taken back', async () => {
  const { bench, plan } = await planned()
  const key = firstKey(plan)
  const after = await comment(bench, plan, key, 'Shorter, please')
  expect(after.comments).toMatchObject([{ task: key, author: ME, text: 'Shorter, please' }])
  await comment(bench, plan, key, 'And in French')
  await bench.reopen()
  expect(said(versions(bench, plan.project_id)[0])).toEqual([
    [key, 'Shorter, please'],
    [key, 'And in French'],
  ])
  const id = after.comments[0]?.id ?? ''
  expect(said(must(await bench.core.plans.uncomment(plan.id, id)))).toEqual([[key, 'And in French']])
  expect(await bench.core.plans.uncomment(plan.id, id)).toMatchObject({ ok: false, error: { code: 'not_found' } })
})

test('P5 a comment names a task of the version and nothing else', async () => {
  const { bench, plan } = await planned()
  const refused = await bench.core.plans.comment(plan.id, 'nobody', 'Why?', ME)
  expect(refused).toMatchObject({ ok: false, error: { code: 'bad_request' } })
  expect(versions(bench, plan.project_id)[0]?.comments).toEqual([])
})

test('P5 a version that a person made of another takes its comments along, where their tasks are still there', async () => {
  const { bench, plan } = await planned()
  const [first, second] = plan.document.tasks
  if (first === undefined || second === undefined) throw new Error('The double plans fewer than two tasks')
  await comment(bench, plan, first.key, 'Stays')
  await comment(bench, plan, second.key, 'Goes with its task')
  const tasks = plan.document.tasks
    .filter(({ key }) => key !== second.key)
    .map((task) => ({ ...task, depends_on: task.depends_on.filter((on) => on !== second.key) }))
  const edited = must(await bench.core.plans.edit(plan.id, { ...plan.document, tasks }, ''))
  expect(said(edited)).toEqual([[first.key, 'Stays']])
  const [one, two] = versions(bench, plan.project_id)
  expect(said(one)).toHaveLength(2)
  expect(said(two)).toEqual([[first.key, 'Stays']])
})

test('P5 comments follow a task to its new key, and do not go to a new task under a key that was free', async () => {
  const { bench, plan } = await planned()
  const [first, second] = plan.document.tasks
  if (first === undefined || second === undefined) throw new Error('The double plans fewer than two tasks')
  await comment(bench, plan, first.key, 'Follows')
  await comment(bench, plan, second.key, 'Is left behind')
  const keyNow = (key: string) => (key === first.key ? 'owl' : key)
  const tasks = plan.document.tasks.map((task) => ({
    ...task,
    key: keyNow(task.key),
    depends_on: task.depends_on.map(keyNow),
  }))
  const was = { owl: first.key, [second.key]: null }
  const edited = must(await bench.core.plans.edit(plan.id, { ...plan.document, tasks }, '', was))
  expect(said(edited)).toEqual([['owl', 'Follows']])
})

test('P5 a revision gives the planner the comments beside the note; one of both is needed', async () => {
  const { bench, plan, double } = await planned()
  expect(await bench.core.plans.revise(plan.id, ' ')).toMatchObject({ ok: false, error: { code: 'bad_request' } })
  const key = firstKey(plan)
  await comment(bench, plan, key, 'Count the gulls twice')
  const before = asked(double).length
  must(await bench.core.plans.revise(plan.id, ''))
  await bench.reaches(plan.project_id, 'awaiting_approval')
  const calls = asked(double).slice(before)
  expect(calls.length).toBeGreaterThan(0)
  expect(JSON.stringify(calls[0]?.body)).toContain(`- ${key} (${plan.document.tasks[0]?.title}): Count the gulls twice`)
  // The new version is the planner's answer to them: they stay where they were written.
  expect(versions(bench, plan.project_id).map((each) => each.comments.length)).toEqual([1, 0])
})

test('P5 E7 however long the plan is, what is wanted of it and the comments reach the planner whole', async () => {
  const { bench, plan, double } = await planned()
  const small = { name: 'small', display_name: 'Small', provider: 'anthropic', model: 'claude-sonnet-4-6' }
  const limits = { tiers: ['strong'], rank: 1, context_tokens: 16_000, max_output_tokens: 4_000 }
  must(await bench.core.models.put(modelProfile.parse({ ...small, ...limits })))
  const tasks = plan.document.tasks.map((task) => ({ ...task, description: 'Look closely at gulls. '.repeat(800) }))
  const long = must(await bench.core.plans.edit(plan.id, { ...plan.document, tasks }, ''))
  const text = `Count them twice. ${'By day and by night. '.repeat(60)}`
  await comment(bench, long, firstKey(long), text)
  const wish = `Begin with the herring gull. ${'It is the loudest of them. '.repeat(80)}`
  const before = asked(double).length
  must(await bench.core.plans.revise(long.id, wish))
  await bench.reaches(plan.project_id, 'awaiting_approval')
  const said = JSON.stringify(asked(double)[before]?.body)
  expect(said).toContain('characters left out here')
  expect(said).toContain(wish.trim())
  expect(said).toContain(text.trim())
})
