import { IS_VERIFIABLE, type ReadyRow } from '../task/task-changes.ts'
import { Heap } from './heap.ts'

/** What decides a task's lane. */
type LaneRow = Pick<ReadyRow, 'project_id' | 'type' | 'complexity' | 'tier' | 'rung' | 'verifiable'>

/** Tasks that need the same, in one project, so that the router sends them the same way. */
export function laneOf(row: LaneRow): string {
  return [row.project_id, row.type, row.complexity, row.tier ?? '', row.rung ?? '', row.verifiable].join('|')
}

/** SQL for the same of a row of `task`, so that one text tells whether it still belongs there. */
export const LANE = `concat(project_id, '|', type, '|', complexity, '|', tier, '|', rung, '|', ${IS_VERIFIABLE})`

interface Entry {
  readonly task: ReadyRow
  readonly key: number
}

/** Tasks of one project with the same needs: what holds for one of them holds for all. */
export interface Lane {
  readonly name: string
  readonly project_id: number
  /** Grows with each lane: of lanes with equal keys the older goes first. */
  readonly age: number
  /** The task that goes first, or undefined. */
  first(): ReadyRow | undefined
  firstKey(): number
  take(): ReadyRow | undefined
  takeAll(): ReadyRow[]
  readonly size: number
}

/**
 * The ready tasks, in lanes, each a binary heap. Ageing is linear: each priority level is worth a fixed head start in ms, so
 * the order of two tasks never changes while they wait, nothing has to be re-sorted, and nothing starves (E2).
 */
export interface ReadyQueue {
  push(rows: readonly ReadyRow[]): void
  lanes(): Iterable<Lane>
  /** Ready tasks of a project. */
  count(projectId: number): number
  readonly size: number
  clear(): void
}

export function createReadyQueue(priorityStepMs: () => number): ReadyQueue {
  const lanes = new Map<string, HeapLane>()
  let made = 0
  /** Ready tasks by project. */
  const counts = new Map<number, number>()

  function count(projectId: number, by: number): void {
    const next = (counts.get(projectId) ?? 0) + by
    if (next === 0) counts.delete(projectId)
    else counts.set(projectId, next)
  }

  return {
    push(rows) {
      for (const task of rows) {
        const name = laneOf(task)
        let lane = lanes.get(name)
        if (lane === undefined) {
          made += 1
          lane = new HeapLane(name, task.project_id, made, (by) => count(task.project_id, by))
          lanes.set(name, lane)
        }
        lane.push({ task, key: task.ready_at - task.priority * priorityStepMs() })
      }
    },
    *lanes() {
      for (const lane of lanes.values()) {
        if (lane.size === 0) lanes.delete(lane.name)
        else yield lane
      }
    },
    count: (projectId) => counts.get(projectId) ?? 0,
    get size() {
      let sum = 0
      for (const ready of counts.values()) sum += ready
      return sum
    },
    clear() {
      lanes.clear()
      counts.clear()
    },
  }
}

class HeapLane implements Lane {
  readonly name: string
  readonly project_id: number
  readonly age: number
  readonly #heap = new Heap<Entry>(before)
  readonly #counted: (by: number) => void

  /** `counted` learns of every task that comes or goes. */
  constructor(name: string, projectId: number, age: number, counted: (by: number) => void) {
    this.name = name
    this.project_id = projectId
    this.age = age
    this.#counted = counted
  }

  get size(): number {
    return this.#heap.size
  }

  first(): ReadyRow | undefined {
    return this.#heap.first()?.task
  }

  firstKey(): number {
    return this.#heap.first()?.key ?? Infinity
  }

  push(entry: Entry): void {
    this.#heap.push(entry)
    this.#counted(1)
  }

  take(): ReadyRow | undefined {
    const entry = this.#heap.take()
    if (entry !== undefined) this.#counted(-1)
    return entry?.task
  }

  takeAll(): ReadyRow[] {
    const entries = this.#heap.takeAll()
    this.#counted(-entries.length)
    return entries.map((entry) => entry.task)
  }
}

/** Equal keys go by age of the task's row, so that the order is the same each time. */
function before(a: Entry, b: Entry): boolean {
  return a.key < b.key || (a.key === b.key && a.task.id < b.task.id)
}
