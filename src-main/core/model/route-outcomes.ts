import type { Complexity, TaskType, Tier } from '#contract/states.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { NO_COUNTS, type RungCounts } from './learned-ladder.ts'

/** A class of tasks at one tier with one model. */
export interface RungKey {
  readonly type: TaskType
  readonly complexity: Complexity
  readonly tier: Tier
  readonly profile: string
}

/** How one run ended that was checked. */
export interface RungOutcome {
  readonly verified: boolean
  readonly checks: number
  readonly model_checks: number
  readonly cost_micros: number
}

/** What became of checked runs on this machine, counted. Only verdicts count: a run that was cancelled or hindered says nothing. */
export interface RouteOutcomes {
  of(key: RungKey): RungCounts
  note(tx: Tx, key: RungKey, outcome: RungOutcome): void
  /** The same for a run that has just ended, from what is written of it. */
  noteRun(tx: Tx, key: RungKey, runId: number, verified: boolean): void
  all(): (RungKey & RungCounts)[]
  /** What was learned is forgotten. */
  forget(tx: Tx): void
}

export function createRouteOutcomes({ sqlite }: Store): RouteOutcomes {
  const read = sqlite.prepare<RungKey, RungCounts>(
    `SELECT verified, refused, checks, model_checks, cost_micros FROM route_outcome
     WHERE type = @type AND complexity = @complexity AND tier = @tier AND profile = @profile`,
  )
  const add = sqlite.prepare<
    RungKey & Record<'verified' | 'refused' | 'checks' | 'model_checks' | 'cost_micros', number>
  >(
    `INSERT INTO route_outcome (type, complexity, tier, profile, verified, refused, checks, model_checks, cost_micros)
     VALUES (@type, @complexity, @tier, @profile, @verified, @refused, @checks, @model_checks, @cost_micros)
     ON CONFLICT DO UPDATE SET verified = verified + @verified, refused = refused + @refused, checks = checks + @checks,
       model_checks = model_checks + @model_checks, cost_micros = cost_micros + @cost_micros`,
  )
  const list = sqlite.prepare<[], RungKey & RungCounts>(
    `SELECT * FROM route_outcome ORDER BY type, complexity, instr('local fast strong', tier), profile`,
  )
  const ofRun = sqlite.prepare<{ run: number }, Omit<RungOutcome, 'verified'>>(
    `SELECT repairs + 1 AS checks,
       (SELECT count(*) FROM step WHERE run_id = @run AND phase = 'verifier' AND state = 'done') AS model_checks,
       (SELECT coalesce(sum(cost_micros), 0) FROM usage_log u
        WHERE u.project_id = run.project_id AND u.task_id = run.task_id AND u.run_id = run.id) AS cost_micros
     FROM run WHERE id = @run`,
  )
  const clear = sqlite.prepare('DELETE FROM route_outcome')
  const note: RouteOutcomes['note'] = (_tx, { type, complexity, tier, profile }, { verified, ...rest }) => {
    const { checks, model_checks, cost_micros } = rest
    const counted = { verified: verified ? 1 : 0, refused: verified ? 0 : 1 }
    add.run({ type, complexity, tier, profile, ...counted, checks, model_checks, cost_micros })
  }
  return {
    of: ({ type, complexity, tier, profile }) => read.get({ type, complexity, tier, profile }) ?? NO_COUNTS,
    note,
    noteRun(tx, key, runId, verified) {
      const found = ofRun.get({ run: runId })
      // Its project was removed meanwhile.
      if (found !== undefined) note(tx, key, { ...found, verified })
    },
    all: () => list.all(),
    forget: () => void clear.run(),
  }
}
