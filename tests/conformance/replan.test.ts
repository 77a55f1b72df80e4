import { describe, expect, test } from 'vitest'
import type { CurrentPlan, Plan, PlanDocument, PlanTask } from '../../src-contract/plan.ts'
import { newProject } from '../../src-contract/project.ts'
import type { Double } from '../doubles/double-server.ts'
import { CHAIN, HANG, type Made, make } from '../support/chain-bench.ts'
import { anthropicDouble, asked, billed, type CoreBench, coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

/** Answers as ever, and hangs where a task with this title is asked for. */
function hangsAt(title: () => string | null): NonNullable<Parameters<typeof anthropicDouble>[0]> {
  return {
    how: (said) => {
      const wanted = title()
      return wanted !== null && said.includes(`Title: ${wanted}`) ? HANG : null
    },
  }
}

/** Whether the double has a call for the task with this title that is never answered. */
function hangs(double: Double, title: string): boolean {
  return asked(double).some(
    ({ outcome, body }) => outcome === 'open' && JSON.stringify(body).includes(`Title: ${title}`),
  )
}

const current = (bench: CoreBench, id: string): CurrentPlan => must(bench.core.projects.currentPlan(id))

function without(document: PlanDocument, ...keys: string[]): PlanDocument {
  const tasks = document.tasks
    .filter(({ key }) => !keys.includes(key))
    .map((task) => ({ ...task, depends_on: task.depends_on.filter((key) => !keys.includes(key)) }))
  return { ...document, tasks }
}

function changed(document: PlanDocument, key: string, change: Partial<PlanTask>): PlanDocument {
  return { ...document, tasks: document.tasks.map((task) => (task.key === key ? { ...task, ...change } : task)) }
}

function added(document: PlanDocument, key: string, depends_on: string[]): PlanDocument {
  const like = document.tasks[0]
  if (like === undefined) throw new Error('A plan without tasks')
  return {
    ...document,
    tasks: [...document.tasks, { ...like, key, title: `Write ${key}`, depends_on, artifacts: [`${key}.md`] }],
  }
}

const propose = async (bench: CoreBench, id: string, document: PlanDocument): Promise<Plan> =>
  must(await bench.core.projects.addPlan(id, document, 'user'))

async function isBalanced({ bench, double }: Made): Promise<void> {
  const { global } = bench.core.budget.get()
  expect(global.reserved_micros).toBe(0)
  expect(global.settled_micros).toBeGreaterThanOrEqual(billed(double))
  expect(must(await bench.core.usage.summary('model')).total.cost_micros).toBe(global.settled_micros)
}

const states = (bench: CoreBench, id: string): Record<string, string> =>
  Object.fromEntries(bench.tasks(id).map(({ key, state }) => [key, state]))

describe('while the tasks go on', () => {
  test('P7 a changed plan keeps what is finished, drops and adds, and the project ends by it', async () => {
    let hanging: string | null = 'Write b'
    const made = await make(hangsAt(() => hanging))
    const { bench } = made
    const { id, plan_id } = await bench.start([...CHAIN, { key: 'd' }])
    await bench.taskReaches(id, 'a', 'succeeded')
    await bench.taskReaches(id, 'd', 'succeeded')
    await eventually('the call of b', () => hangs(made.double, 'Write b'))
    const before = bench.task(id, 'a')

    const now = current(bench, id)
    expect(now.plan_id).toBe(plan_id)
    expect(now.tasks.map(({ key, state }) => [key, state])).toEqual([
      ['a', 'succeeded'],
      ['b', 'running'],
      ['c', 'pending'],
      ['d', 'succeeded'],
    ])
    const plan = await propose(bench, id, added(without(now.document, 'c'), 'e', ['a', 'd']))
    expect(plan).toMatchObject({ version: 2, state: 'proposed' })
    // What is finished costs nothing any more.
    expect(plan.estimate.tasks.map(({ key }) => key).toSorted()).toEqual(['b', 'e'])
    expect(bench.project(id)).toMatchObject({
      state: 'executing',
      plan_id,
      replan: { state: 'proposed', plan_id: plan.id },
    })
    expect(states(bench, id)).toMatchObject({ b: 'running', c: 'pending' })

    must(await bench.core.plans.approve(plan.id))
    expect(bench.project(id)).toMatchObject({ plan_id: plan.id, replan: null })
    expect(bench.task(id, 'c')).toMatchObject({ state: 'cancelled' })
    expect(bench.task(id, 'c').reason).toContain('Version 2')
    expect(bench.task(id, 'a')).toEqual({ ...before, position: 0 })
    await bench.taskReaches(id, 'e', 'succeeded')
    expect(bench.task(id, 'b').state).toBe('running')
    // Its call never ends; the plan is changed once more, without it.
    hanging = null
    const last = await propose(bench, id, without(current(bench, id).document, 'b'))
    must(await bench.core.plans.approve(last.id))
    await bench.reaches(id, 'succeeded')
    expect(bench.project(id).result?.not_done).toEqual([])
    expect(must(bench.core.projects.plans(id)).items.map(({ version, state }) => [version, state])).toEqual([
      [3, 'approved'],
      [2, 'superseded'],
      [1, 'superseded'],
    ])
    expect(states(bench, id)).toEqual({
      a: 'succeeded',
      b: 'cancelled',
      c: 'cancelled',
      d: 'succeeded',
      e: 'succeeded',
    })
    await isBalanced(made)
  })

  test('P7 E5 a running task that is changed is stopped first, begins anew, and never runs twice at once', async () => {
    let hanging: string | null = 'Write a'
    const made = await make(hangsAt(() => hanging))
    const { bench, double } = made
    const { id } = await bench.start([{ key: 'a' }, { key: 'b', depends_on: ['a'] }])
    await eventually('the call of a', () => asked(double).some(({ outcome }) => outcome === 'open'))
    hanging = null
    const plan = await propose(
      bench,
      id,
      changed(current(bench, id).document, 'a', { title: 'Write a shorter a', description: 'In one sentence.' }),
    )
    must(await bench.core.plans.approve(plan.id))
    await bench.reaches(id, 'succeeded')
    const runs = must(bench.core.tasks.runs(bench.task(id, 'a').id)).items.toSorted((x, y) => x.attempt - y.attempt)
    expect(runs.map(({ attempt, state }) => [attempt, state])).toEqual([
      [1, 'cancelled'],
      [2, 'succeeded'],
    ])
    const [first, second] = runs
    if (first === undefined || second === undefined) throw new Error('Two runs were looked for')
    expect(Date.parse(second.created_at)).toBeGreaterThanOrEqual(Date.parse(first.ended_at ?? ''))
    expect(must(bench.core.runs.context(second.id)).prompt).toContain('In one sentence.')
    await isBalanced(made)
  })

  test('P7 a rejected change leaves everything as it was', async () => {
    const hanging: string | null = 'Write b'
    const { bench } = await make(hangsAt(() => hanging))
    const { id, plan_id } = await bench.start(CHAIN)
    await bench.taskReaches(id, 'b', 'running')
    const plan = await propose(bench, id, without(current(bench, id).document, 'b', 'c'))
    must(await bench.core.plans.reject(plan.id, 'No'))
    expect(bench.project(id)).toMatchObject({ state: 'executing', plan_id, replan: null })
    expect(states(bench, id)).toEqual({ a: 'succeeded', b: 'running', c: 'pending' })
    must(await bench.core.projects.cancel(id))
    expect((await bench.core.projects.addPlan(id, current(bench, id).document, 'user')).ok).toBe(false)
  })
})

describe('what has finished', () => {
  test('P7 what finished cannot be changed or left out, also where it finished after the proposal', async () => {
    let hanging: string | null = 'Write a'
    const { bench, double } = await make(hangsAt(() => hanging))
    const { id } = await bench.start([{ key: 'a' }, { key: 'b', depends_on: ['a'] }])
    await eventually('the call of a', () => asked(double).some(({ outcome }) => outcome === 'open'))
    const { document } = current(bench, id)
    const early = await propose(bench, id, changed(document, 'a', { title: 'Another a' }))
    // Its first call never ends; begun again, it does.
    hanging = 'Write b'
    must(await bench.core.tasks.cancel(bench.task(id, 'a').id))
    await eventually('the run has ended', () => bench.core.system.status().running === 0)
    must(await bench.core.tasks.retry(bench.task(id, 'a').id, 'start'))
    await bench.taskReaches(id, 'a', 'succeeded')
    const late = await bench.core.plans.approve(early.id)
    expect(late).toMatchObject({
      ok: false,
      error: { code: 'conflict', message: expect.stringContaining('succeeded') },
    })
    expect(bench.task(id, 'a')).toMatchObject({ title: 'Write a', state: 'succeeded' })
    for (const wrong of [without(document, 'a'), changed(document, 'a', { description: 'More' })]) {
      const refused = await bench.core.projects.addPlan(id, wrong, 'user')
      expect(refused).toMatchObject({
        ok: false,
        error: { code: 'bad_request', details: { problems: [{ task: 'a' }] } },
      })
    }
    const checked = must(bench.core.plans.check(bench.project(id).plan_id ?? '', without(document, 'a')))
    expect(checked).toMatchObject({ estimate: null, problems: [{ task: 'a', field: null }] })
  })

  test('P7 a project that has succeeded is extended, and a failed one goes on with a changed task', async () => {
    const { bench } = await make({
      how: (said) => (said.includes('Title: Write bad') ? { kind: 'refusal' } : null),
    })
    const good = await bench.start([{ key: 'a' }])
    await bench.reaches(good.id, 'succeeded')
    const more = await propose(bench, good.id, added(current(bench, good.id).document, 'b', ['a']))
    expect(bench.project(good.id).state).toBe('succeeded')
    must(await bench.core.plans.approve(more.id))
    await bench.reaches(good.id, 'succeeded')
    expect(states(bench, good.id)).toEqual({ a: 'succeeded', b: 'succeeded' })

    const bad = await bench.start([{ key: 'bad' }, { key: 'c', depends_on: ['bad'] }])
    await bench.reaches(bad.id, 'failed')
    expect(states(bench, bad.id)).toEqual({ bad: 'failed', c: 'blocked' })
    const mended = await propose(
      bench,
      bad.id,
      changed(current(bench, bad.id).document, 'bad', { title: 'Write better' }),
    )
    expect(bench.project(bad.id)).toMatchObject({ state: 'failed', replan: { state: 'proposed' } })
    must(await bench.core.plans.approve(mended.id))
    await bench.reaches(bad.id, 'succeeded')
    expect(states(bench, bad.id)).toEqual({ bad: 'succeeded', c: 'succeeded' })
  })

  test('P7 a removed task cannot be retried, and is taken in again by a newer version', async () => {
    const hanging: string | null = 'Write a'
    const { bench, double } = await make(hangsAt(() => hanging))
    const { id } = await bench.start([{ key: 'a' }, { key: 'b', depends_on: ['a'] }])
    await eventually('the call of a', () => asked(double).some(({ outcome }) => outcome === 'open'))
    const { document } = current(bench, id)
    must(await bench.core.plans.approve((await propose(bench, id, without(document, 'b'))).id))
    const b = bench.task(id, 'b').id
    expect(await bench.core.tasks.retry(b, 'step')).toMatchObject({ ok: false, error: { code: 'conflict' } })
    expect(await bench.core.projects.retry(id, 'step')).toMatchObject({ ok: false, error: { code: 'conflict' } })
    must(await bench.core.plans.approve((await propose(bench, id, document)).id))
    expect(bench.task(id, 'b')).toMatchObject({ id: b, state: 'pending', reason: 'Waits for one task before it.' })
  })
})

describe('beside the rest', () => {
  test('P7 P3 the planner gets what finished and how, its answer keeps that, and work goes on meanwhile', async () => {
    const answer = {
      title: 'Another plan',
      summary: '',
      tasks: [
        // Told differently, which changes nothing; d is left out, which changes nothing either.
        {
          key: 'a',
          title: 'Write a',
          description: 'Reworded',
          type: 'code',
          complexity: 'complex',
          artifacts: ['x.md'],
        },
        { key: 'n', title: 'Write n', type: 'writing', complexity: 'medium', depends_on: ['a'], artifacts: ['n.md'] },
      ],
    }
    const { bench, double } = await make({
      how: (said) => {
        if (said.includes('The plan that is being carried out'))
          return { kind: 'answer', text: JSON.stringify(answer), start_delay_ms: 100 }
        return said.includes('Title: Write b') ? HANG : null
      },
    })
    const { id, plan_id } = await bench.start([...CHAIN, { key: 'd' }])
    await bench.taskReaches(id, 'a', 'succeeded')
    await bench.taskReaches(id, 'd', 'succeeded')
    must(await bench.core.plans.revise(plan_id ?? '', 'Do without the second part'))
    expect(bench.project(id)).toMatchObject({ state: 'executing', plan_id, replan: { state: 'planning' } })
    expect((await bench.core.plans.revise(plan_id ?? '', 'Again')).ok).toBe(false)
    const { replan } = await eventually('a proposal', () => {
      const now = bench.project(id)
      return now.replan?.state === 'proposed' && now
    })
    expect(states(bench, id)).toMatchObject({ b: 'running', c: 'pending' })
    const plan = must(bench.core.plans.get(replan?.plan_id ?? ''))
    const before = current(bench, id).document
    expect(plan.document.tasks.map(({ key }) => key)).toEqual(['d', 'a', 'n'])
    expect(plan.document.tasks.find(({ key }) => key === 'a')).toEqual(before.tasks.find(({ key }) => key === 'a'))
    expect(plan.repairs.map(({ task }) => task)).toEqual(expect.arrayContaining(['a', 'd']))
    const call = asked(double).find(({ body }) => JSON.stringify(body).includes('being carried out'))
    const said = JSON.stringify(call?.body)
    expect(said).toContain('Do without the second part')
    expect(said).toContain(`a: succeeded. <untrusted>`)
    must(await bench.core.plans.approve(plan.id))
    await bench.reaches(id, 'succeeded')
    expect(states(bench, id)).toEqual({
      a: 'succeeded',
      b: 'cancelled',
      c: 'cancelled',
      d: 'succeeded',
      n: 'succeeded',
    })
  })

  test('P7 E4 a planner that writes a change is stopped alone: the project goes on, and may be asked for another', async () => {
    let isHanging = true
    const made = await make({
      how: (said) => (said.includes('being carried out') ? (isHanging ? HANG : { kind: 'server_error' }) : null),
    })
    const { bench, double } = made
    const { id, plan_id } = await bench.start([{ key: 'a' }])
    await bench.reaches(id, 'succeeded')
    expect(await bench.core.projects.stopPlanning(id)).toMatchObject({ ok: false, error: { code: 'conflict' } })
    const before = bench.project(id)
    must(await bench.core.plans.revise(plan_id ?? '', 'More'))
    await eventually('the call', () =>
      asked(double).some(({ body }) => JSON.stringify(body).includes('being carried out')),
    )
    must(await bench.core.projects.stopPlanning(id))
    expect(bench.project(id)).toMatchObject({ state: 'succeeded', plan_id, replan: null, result: before.result })
    await eventually('the end of the call', () => bench.core.system.status().running === 0)
    await isBalanced(made)
    isHanging = false
    must(await bench.core.plans.revise(plan_id ?? '', 'Something else'))
    expect(bench.project(id).replan?.state).toBe('planning')
    must(await bench.core.projects.stopPlanning(id))
    expect(bench.project(id).replan).toBeNull()
  })

  test('P2 E4 a first plan that is stopped leaves a draft, and can be made again', async () => {
    let how: 'hang' | 'plan' = 'hang'
    const made = await make({ how: () => (how === 'hang' ? HANG : null) })
    const { bench, double } = made
    const { id } = must(
      await bench.core.projects.create({
        ...{ requirements: 'Write a', attachments: [], local_only: false, can_wait: false, priority: 1 },
      }),
    )
    must(await bench.core.projects.plan(id))
    await eventually('the call', () => asked(double).length > 0)
    must(await bench.core.projects.stopPlanning(id))
    expect(bench.project(id)).toMatchObject({ state: 'draft', reason: 'Planning was stopped by you.' })
    expect(await bench.core.projects.stopPlanning(id)).toMatchObject({ ok: false, error: { code: 'conflict' } })
    await eventually('the end of the call', () => bench.core.system.status().running === 0)
    await isBalanced(made)
    how = 'plan'
    must(await bench.core.projects.plan(id))
    expect(bench.project(id).state).toBe('planning')
    await bench.reaches(id, 'awaiting_approval')
  })

  test('P2 E4 a revision that is stopped leaves the version before it to be decided on', async () => {
    let isHanging = false
    const { bench, double } = await make({ how: () => (isHanging ? HANG : null) })
    const { id } = await bench.plan('Write a')
    const [first] = must(bench.core.projects.plans(id)).items
    isHanging = true
    must(await bench.core.plans.revise(first?.id ?? '', 'Shorter'))
    await eventually('the call', () => asked(double).length > 1)
    must(await bench.core.projects.stopPlanning(id))
    expect(bench.project(id)).toMatchObject({ state: 'awaiting_approval', reason: 'Planning was stopped by you.' })
    isHanging = false
    must(await bench.core.plans.approve(first?.id ?? ''))
    await bench.reaches(id, 'succeeded')
  })

  test('P2 B2 E4 a planner that is stopped in the moment in which it may go on is not asked', async () => {
    const { bench, double } = await make()
    const { id } = must(
      await bench.core.projects.create(newProject.parse({ requirements: 'Write a', budget_micros: 1 })),
    )
    must(await bench.core.projects.plan(id))
    await bench.reaches(id, 'waiting')
    must(await bench.core.projects.change(id, { budget_micros: 50_000_000 }))
    must(await bench.core.projects.stopPlanning(id))
    await eventually('rest', () => bench.core.system.status().running === 0)
    expect(bench.project(id).state).toBe('draft')
    expect(asked(double)).toHaveLength(0)
    expect(bench.core.budget.get().global).toMatchObject({ settled_micros: 0, reserved_micros: 0 })
  })

  test('P2 E10 a project whose stopped planner is still ending is not deleted under it', async () => {
    const { bench, double } = await make({ how: () => HANG })
    const { id } = must(await bench.core.projects.create(newProject.parse({ requirements: 'Write a' })))
    must(await bench.core.projects.plan(id))
    await eventually('the call', () => asked(double).length > 0)
    must(await bench.core.projects.stopPlanning(id))
    expect(await bench.core.projects.remove(id)).toMatchObject({ ok: false, error: { code: 'conflict' } })
    await eventually('its end', () => bench.core.system.status().running === 0)
    must(await bench.core.projects.remove(id))
  })

  test('P7 a planner that takes the key of a finished task for another is asked again; then the plan stays', async () => {
    const answer = { title: 'X', tasks: [{ key: 'a', title: 'Something else', type: 'writing', complexity: 'simple' }] }
    const { bench, double } = await make({
      how: (said) => (said.includes('being carried out') ? { kind: 'answer', text: JSON.stringify(answer) } : null),
    })
    const { id, plan_id } = await bench.start([{ key: 'a' }])
    await bench.reaches(id, 'succeeded')
    must(await bench.core.plans.revise(plan_id ?? '', 'More'))
    const { replan, state } = await eventually('its end', () => {
      const now = bench.project(id)
      return now.replan?.state === 'failed' && now
    })
    expect(state).toBe('succeeded')
    expect(replan?.reason).toContain('belongs to "Write a"')
    expect(asked(double).filter(({ body }) => JSON.stringify(body).includes('being carried out'))).toHaveLength(2)
  })

  test('P7 B4 an approval allows what was spent and what is open, and what waited for money goes on', async () => {
    const made = await make()
    const { bench } = made
    const { id } = must(
      await bench.core.projects.create({
        ...{ requirements: 'x', attachments: [], local_only: false, can_wait: false, priority: 1 },
      }),
    )
    const tasks = [{ key: 'a' }, { key: 'b', depends_on: ['a'] }].map((task) => ({
      ...{ title: `Write ${task.key}`, type: 'writing', complexity: 'medium', artifacts: [`${task.key}.md`], ...task },
    }))
    const first = must(await bench.core.projects.addPlan(id, { title: 'Two', tasks }, 'file'))
    // "b" begins with the end of "a", so that it is held before either does.
    must(await bench.core.system.pauseAll())
    must(await bench.core.plans.approve(first.id, 60_000))
    must(await bench.core.tasks.pause(bench.task(id, 'b').id))
    must(await bench.core.system.resumeAll())
    await bench.taskReaches(id, 'a', 'succeeded')
    must(await bench.core.projects.pause(id))
    await eventually('quiet', () => bench.core.system.status().running === 0)
    const spent = bench.project(id).spent_micros
    const { document } = current(bench, id)
    const dear = await propose(bench, id, changed(document, 'b', { description: 'Longer' }))
    must(await bench.core.plans.approve(dear.id, 0))
    // A paused project stays paused.
    expect(bench.project(id)).toMatchObject({ state: 'paused', limit_micros: spent })
    must(await bench.core.tasks.resume(bench.task(id, 'b').id))
    must(await bench.core.projects.resume(id))
    await bench.taskReaches(id, 'b', 'waiting')
    expect(bench.task(id, 'b').waiting_on).toBe('budget')
    const enough = await propose(bench, id, added(current(bench, id).document, 'c', ['a']))
    must(await bench.core.plans.approve(enough.id))
    expect(bench.project(id).limit_micros).toBe(spent + enough.estimate.upper_micros)
    await bench.reaches(id, 'succeeded')
    // The estimate is held against what came after its approval, not against the whole.
    const { actual } = must(bench.core.plans.get(enough.id))
    const whole = bench.project(id).spent_micros
    const before = bench.task(id, 'a').cost_micros
    expect(actual?.cost_micros).toBe(whole - before)
    expect(bench.project(id).result).toMatchObject({
      cost_micros: whole,
      estimated_high_micros: before + enough.estimate.high_micros,
    })
    expect(must(bench.core.plans.get(first.id)).actual).toBeNull()
    await isBalanced(made)
  })

  test('P7 T2 a question of a removed task is asked no more, and its answer changes nothing', async () => {
    const { bench } = await make({
      how: (said) =>
        said.includes('Title: Write q')
          ? { kind: 'answer', tool_calls: [{ name: 'ask_user', arguments: { question: 'Which one?' } }] }
          : null,
    })
    const { id } = await bench.start([{ key: 'a' }, { key: 'q', tools: ['ask_user'] }])
    await bench.taskReaches(id, 'q', 'waiting')
    await bench.taskReaches(id, 'a', 'succeeded')
    const [question] = bench.core.approvals.list('open')
    if (question === undefined) throw new Error('No question was asked')
    const plan = await propose(bench, id, without(current(bench, id).document, 'q'))
    must(await bench.core.plans.approve(plan.id))
    expect(bench.core.approvals.list('open')).toEqual([])
    await bench.core.approvals.decide({ id: question.id, decision: 'allow', remember: 'once', note: 'This one' })
    await bench.reaches(id, 'succeeded')
    expect(states(bench, id)).toEqual({ a: 'succeeded', q: 'cancelled' })
  })

  test('P7 L2 E10 a removed task lets go of its files, and what finished keeps its checkpoint', async () => {
    let hanging: string | null = 'Write b'
    const double = await anthropicDouble(hangsAt(() => hanging))
    const bench = await coreBench({ anthropic: double, git: true })
    const { id } = await bench.start([
      { key: 'a' },
      { key: 'b', artifacts: ['same.md'] },
      { key: 'c', artifacts: ['same.md'], depends_on: ['a'] },
    ])
    await bench.taskReaches(id, 'a', 'succeeded')
    await bench.taskReaches(id, 'c', 'waiting')
    expect(bench.task(id, 'c').waiting_on).toBe('lock')
    await eventually('the call of b', () => hangs(double, 'Write b'))
    hanging = null
    must(await bench.core.plans.approve((await propose(bench, id, without(current(bench, id).document, 'b'))).id))
    await bench.reaches(id, 'succeeded')
    expect(states(bench, id)).toEqual({ a: 'succeeded', b: 'cancelled', c: 'succeeded' })
    const diff = must(await bench.core.tasks.diff(bench.task(id, 'a').id))
    expect(diff.files.map(({ path }) => path)).toEqual(['a.md'])
  })
})
