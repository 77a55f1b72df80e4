import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ReadyRow } from '../task/task-changes.ts'
import { createLaneTurns } from './lane-turns.ts'
import { createReadyQueue, type ReadyQueue } from './ready-queue.ts'

function row(id: number, project_id: number, ready_at: number, priority = 0): ReadyRow {
  const needs = { type: 'writing', complexity: 'simple', tier: null, rung: null, verifiable: 0 }
  return { id, project_id, ...needs, priority, ready_at }
}

function queueOf(rows: readonly ReadyRow[]): ReadyQueue {
  const queue = createReadyQueue(() => 100)
  queue.push(rows)
  return queue
}

const NO_HEAD_START = { headStart: () => 0 }

test('E2 lanes take turns so that tasks go by age and priority, whatever project they are of', () => {
  const task = fc.record({ project: fc.integer({ min: 1, max: 5 }), ready_at: fc.nat(500), priority: fc.nat(3) })
  fc.assert(
    fc.property(fc.array(task, { maxLength: 60 }), (tasks) => {
      const rows = tasks.map(({ project, ready_at, priority }, index) => row(index, project, ready_at, priority))
      const queue = queueOf(rows)
      expect(queue.count(1)).toBe(rows.filter((each) => each.project_id === 1).length)
      const turns = createLaneTurns(queue.lanes(), NO_HEAD_START)
      const keys: number[] = []
      for (let lane = turns.next(); lane !== undefined; lane = turns.next()) {
        const taken = lane.take()
        if (taken !== undefined) keys.push(taken.ready_at - taken.priority * 100)
        turns.giveBack(lane)
      }
      expect(keys).toHaveLength(rows.length)
      expect([queue.size, queue.count(1)]).toEqual([0, 0])
      expect(keys).toEqual(keys.toSorted((a, b) => a - b))
    }),
  )
})

test('E2 a lane that is not given back is closed for the turn, and its tasks stay', () => {
  const queue = queueOf([row(1, 1, 10), row(2, 2, 20)])
  const turns = createLaneTurns(queue.lanes(), NO_HEAD_START)
  expect(turns.next()?.project_id).toBe(1)
  expect(turns.next()?.project_id).toBe(2)
  expect(turns.next()).toBeUndefined()
  expect(queue.size).toBe(2)
})

test('E2 tasks of the loaded model go first once that is known, by as much as is set and no more', () => {
  const queue = queueOf([row(1, 1, 0), row(2, 2, 50), row(3, 3, 500)])
  let loaded = 'a'
  const turns = createLaneTurns(queue.lanes(), { headStart: (profile) => (profile === loaded ? 100 : 0) })
  for (const lane of turns.open()) turns.goesTo(lane, lane.project_id === 1 ? 'b' : 'a')
  turns.reorder()
  const second = turns.next()
  expect(second?.project_id).toBe(2)
  loaded = 'b'
  turns.reorder()
  expect([turns.next()?.project_id, turns.next()?.project_id]).toEqual([1, 3])
})
