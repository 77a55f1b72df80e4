import type { Complexity, TaskType, Tier } from '#contract/states.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

/** What one task used over all its attempts, repairs included. Tokens by kind, as they are priced; `ms` in model and tool calls. */
export interface TaskUse {
  readonly input_tokens: number
  readonly cache_write_tokens: number
  readonly cache_read_tokens: number
  readonly output_tokens: number
  /** Input of its largest call, cached or not. */
  readonly call_tokens: number
  readonly ms: number
}

export interface PastTask extends TaskUse {
  /** The model profile that it began with. */
  readonly profile: string | null
  /** What it cost then; where it was handed on to another tier, that too. */
  readonly cost_micros: number
}

/** Which tasks are like each other. `stand_in`: done by the demo model, whose figures say nothing about any other. */
export interface TaskClass {
  readonly stand_in: boolean
  readonly tier: Tier
  readonly complexity: Complexity
  readonly type: TaskType
}

/** What this machine's own tasks have used, for estimates (P4). One narrow row each, found by an index. */
export interface PastTasks {
  /** Writes down what these tasks used, which have just succeeded. Without a model call there is nothing to learn from. */
  record(tx: Tx, taskIds: readonly number[]): void
  /** The newest of a class, at most `count`. */
  newest(of: TaskClass, count: number): PastTask[]
}

const COLUMNS = [
  'task_id',
  'stand_in',
  'tier',
  'complexity',
  'type',
  'profile',
  'input_tokens',
  'cache_write_tokens',
  'cache_read_tokens',
  'output_tokens',
  'call_tokens',
  'cost_micros',
  'ms',
  'ended_at',
]

export function createPastTasks({ sqlite }: Store): PastTasks {
  // A task counts for the tier that it began at: that is where an estimate expects it. Free prompts plan themselves, at
  // other tiers, so no planned task is like them.
  const record = sqlite.prepare<{ id: number; now: number }>(
    `INSERT INTO past_task (${COLUMNS.join(', ')})
     SELECT t.id, u.provider = 'demo', r.tier, t.complexity, t.type, r.profile, sum(u.input_tokens), sum(u.cache_write_tokens),
       sum(u.cache_read_tokens), sum(u.output_tokens), max(u.input_tokens + u.cache_write_tokens + u.cache_read_tokens),
       sum(u.cost_micros), sum(u.latency_ms) + coalesce(
         (SELECT sum(s.ended_at - s.started_at) FROM run o CROSS JOIN step s ON s.run_id = o.id
          WHERE o.task_id = t.id AND s.kind = 'tool' AND s.state = 'done' AND s.reused = 0), 0), @now
     FROM task t
       CROSS JOIN run r ON r.id = (SELECT min(id) FROM run WHERE task_id = t.id)
       CROSS JOIN usage_log u ON u.project_id = t.project_id AND u.task_id = t.id
       CROSS JOIN project p ON p.id = t.project_id
       CROSS JOIN plan v ON v.id = t.plan_id
     WHERE t.id = +@id AND r.tier IS NOT NULL AND p.constraints IS NULL GROUP BY t.id
     -- How long a batch takes says nothing about the task.
     HAVING max(u.batch_saved_micros IS NOT NULL) = 0
     -- What it did before its plan was changed may have been for another task (P7).
       AND min(u.ts) >= coalesce(v.decided_at, 0)
     ON CONFLICT (task_id) DO UPDATE SET ${COLUMNS.slice(1)
       .map((name) => `${name} = excluded.${name}`)
       .join(', ')}`,
  )
  const newest = sqlite.prepare<[number, string, string, string, number], PastTask>(
    `SELECT profile, input_tokens, cache_write_tokens, cache_read_tokens, output_tokens, call_tokens, cost_micros, ms FROM past_task
     WHERE stand_in = ? AND tier = ? AND complexity = ? AND type = ? ORDER BY task_id DESC LIMIT ?`,
  )
  return {
    record(tx, taskIds) {
      // What the same change has noted of usage is written at its end too, and before this.
      tx.atEnd(
        () => {
          for (const id of taskIds) record.run({ id, now: Date.now() })
        },
        () => undefined,
      )
    },
    newest: ({ stand_in, tier, complexity, type }, count) =>
      newest.all(stand_in ? 1 : 0, tier, complexity, type, count),
  }
}
