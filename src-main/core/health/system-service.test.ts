import { expect, test } from 'vitest'
import { waitingOn } from '#contract/states.ts'
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
  const { store, events, settings, project, tasks } = storeBench()
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
  return { waiting, needsYou: () => system.status().needs_you }
}

test.for(waitingOn.options)(
  'U2 a project that waits for "%s" needs a person only where that does not pass by itself',
  (thing) => {
    const { waiting, needsYou } = bench()
    waiting(thing)
    expect(needsYou()).toBe(['budget', 'resource', 'approval'].includes(thing) ? 1 : 0)
  },
)

test('U2 a project whose planning waits, or of which one of many tasks waits for a person, needs one', () => {
  const { waiting, needsYou } = bench()
  waiting('rate_limit', 'batch', 'lock')
  expect(needsYou()).toBe(0)
  waiting()
  expect(needsYou()).toBe(1)
  waiting('rate_limit', 'budget')
  expect(needsYou()).toBe(2)
})
