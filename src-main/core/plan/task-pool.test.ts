import { expect, test } from 'vitest'
import type { PastTask, TaskClass } from './past-tasks.ts'
import { createTaskPools, POOL_SIZE } from './task-pool.ts'

const CODE: TaskClass = { stand_in: false, tier: 'fast', complexity: 'simple', type: 'code' }

function done(ms: number, profile = 'haiku'): PastTask {
  return {
    profile,
    input_tokens: 1_000,
    cache_write_tokens: 0,
    cache_read_tokens: 0,
    output_tokens: 100,
    call_tokens: 500,
    cost_micros: 1,
    ms,
  }
}

/** Pools over a history by type, newest first, as the table answers. */
function pools(history: Partial<Record<TaskClass['type'], PastTask[]>>) {
  return createTaskPools({ newest: ({ type }, count) => (history[type] ?? []).slice(0, count) })
}

function share(of: TaskClass, profile: string, history: Parameters<typeof pools>[0], ms: number): number {
  const { uses } = pools(history)(of, profile)
  expect(uses).toHaveLength(POOL_SIZE)
  return uses.filter((use) => use.ms === ms).length / POOL_SIZE
}

test('P4 without history a task is what Baton assumes, and longer where it is harder', () => {
  const [simple, complex] = (['simple', 'complex'] as const).map((complexity) =>
    pools({})({ ...CODE, complexity }, 'haiku'),
  )
  expect(simple).toMatchObject({ basis: 'default', basis_samples: 0, samples: 0 })
  const longest = (pool: typeof simple) => Math.max(...(pool?.uses.map((use) => use.ms) ?? []))
  expect(longest(complex)).toBeGreaterThan(longest(simple))
})

test('P4 a class speaks for itself as it fills: n of n + 4', () => {
  expect(share(CODE, 'other', { code: Array(1).fill(done(7)) }, 7)).toBeGreaterThan(0.2)
  expect(share(CODE, 'other', { code: Array(100).fill(done(7)) }, 7)).toBeGreaterThan(0.95)
})

test('P4 its own model goes before other models, and its own type before other types', () => {
  const mixed = { code: [...Array(20).fill(done(7, 'haiku')), ...Array(20).fill(done(8, 'sonnet'))] }
  expect(share(CODE, 'haiku', mixed, 7)).toBeGreaterThan(0.8)
  expect(share(CODE, 'sonnet', mixed, 8)).toBeGreaterThan(0.8)
  const others = { code: [done(7)], writing: Array(30).fill(done(9)) }
  expect(share(CODE, 'sonnet', others, 9)).toBeGreaterThan(0.5)
})

test('P4 it says which class an estimate is based on', () => {
  const basis = (history: Parameters<typeof pools>[0], profile = 'haiku') => {
    const { basis, basis_samples, samples } = pools(history)(CODE, profile)
    return [basis, basis_samples, samples]
  }
  expect(basis({ code: Array(6).fill(done(7)) })).toEqual(['model', 6, 6])
  expect(basis({ code: Array(6).fill(done(7)) }, 'sonnet')).toEqual(['kind', 6, 6])
  expect(basis({ code: Array(2).fill(done(7)), review: Array(9).fill(done(7)) })).toEqual(['complexity', 11, 2])
  expect(basis({ code: Array(2).fill(done(7)) })).toEqual(['default', 0, 2])
})
