import { expect, test } from 'vitest'
import { type WaitingOn, waitingOn } from '#contract/states.ts'
import { createProjectView } from '../project/project-view.ts'
import { storeBench } from '../store/store-bench.ts'
import { createSystemService } from './system-service.ts'

const scope = {
  scope: 'day',
  label: 'Today',
  limit_micros: null,
  settled_micros: 0,
  reserved_micros: 0,
  unconfirmed_micros: 0,
}

function bench() {
  const { store, events, settings, project, run, tasks } = storeBench()
  const system = createSystemService({
    ...{ version: '0.0.0', store, events, settings },
    scopes: () => ({ day: scope, month: scope }),
    services: () => [],
    unconfirmed: () => 0,
    activeLocks: () => 0,
    counts: () => ({ running: 0, queued: 0 }),
    pauseRuns: () => undefined,
    goOn: () => undefined,
  })
  const hold = store.sqlite.prepare("UPDATE task SET state = 'waiting', waiting_on = ? WHERE id = ?")
  /** A project that waits, with one task for each thing that is waited for. */
  function waiting(...things: readonly string[]): void {
    const id = project({ state: 'waiting' })
    for (const [index, task] of tasks(
      id,
      things.map(() => []),
    ).entries())
      hold.run(things[index], task)
  }
  /** As who pauses each task. */
  const pauseTasks = () => void store.sqlite.prepare('UPDATE task SET held = 1').run()
  const view = createProjectView(store, () => null)
  const waitsFor = () => view.list({ limit: 10 }).items.map(({ waiting_on }) => waiting_on)
  return {
    store,
    project,
    run,
    tasks,
    system,
    waiting,
    pauseTasks,
    waitsFor,
    needsYou: () => system.status().needs_you,
  }
}

test('U1 E4 queued is what runs when its turn comes: nothing that a person paused, and all of it while everything is paused', async () => {
  const { store, project, tasks, system, pauseTasks } = bench()
  const moveProject = store.sqlite.prepare('UPDATE project SET state = ? WHERE id = ?')
  const first = project({ state: 'executing' })
  tasks(first, [[], [], [0]])
  tasks(project({ state: 'waiting' }), [[]])
  expect(system.status().queued).toBe(3)
  moveProject.run('paused', first)
  expect(system.status().queued).toBe(1)
  moveProject.run('executing', first)
  await system.pauseAll()
  expect(system.status().queued).toBe(3)
  pauseTasks()
  expect(system.status().queued).toBe(0)
})

test.for(waitingOn.options)(
  'U2 a project that waits for "%s" needs a person only where that does not pass by itself',
  (thing) => {
    const { waiting, needsYou } = bench()
    waiting(thing)
    expect(needsYou()).toBe(['budget', 'resource', 'approval'].includes(thing) ? 1 : 0)
  },
)

test('U2 a project whose first plan waits needs a person only where that does not pass by itself', () => {
  const { store, project, run, tasks, needsYou } = bench()
  const note = store.sqlite.prepare('UPDATE project SET plan_waits_on = ? WHERE id = ?')
  const plan = store.sqlite.prepare("UPDATE run SET kind = 'plan' WHERE id = ?")
  const planWaits = (id: number, thing: WaitingOn) => {
    note.run(thing, id)
    plan.run(run(id, null, 'waiting'))
  }
  for (const thing of waitingOn.options) planWaits(project({ state: 'waiting' }), thing)
  expect(needsYou()).toBe(3)
  // A change of a plan that is carried out keeps nobody from going on with what a person has paused.
  const carriedOut = project({ state: 'waiting' })
  planWaits(carriedOut, 'rate_limit')
  expect(needsYou()).toBe(3)
  tasks(carriedOut, [[]])
  expect(needsYou()).toBe(4)
})

test('U2 a project whose planning waits, or of which one of many tasks waits for a person, needs one', () => {
  const { waiting, needsYou } = bench()
  waiting('rate_limit', 'batch', 'lock')
  expect(needsYou()).toBe(0)
  waiting()
  expect(needsYou()).toBe(1)
  waiting('rate_limit', 'budget')
  expect(needsYou()).toBe(2)
})

test('U2 E4 what a person has paused does not pass by itself, whatever it waited for', () => {
  const { waiting, pauseTasks, waitsFor, needsYou } = bench()
  waiting('rate_limit', 'lock')
  waiting('batch')
  expect([needsYou(), waitsFor()]).toEqual([0, ['batch', 'rate_limit']])
  pauseTasks()
  expect([needsYou(), waitsFor()]).toEqual([2, [null, null]])
  waiting('retry')
  expect([needsYou(), waitsFor()]).toEqual([2, ['retry', null, null]])
})
