import { z } from 'zod'
import { micros } from './money.ts'

/** One scope that limits spending: `day:2026-11-20`, `month:2026-11`, `global`, `project:7`, `task:9`, `run:12`. */
export const budgetScope = z.object({
  scope: z.string(),
  label: z.string(),
  settled_micros: micros,
  reserved_micros: micros,
  /** Part of `settled` that no provider has confirmed. */
  unconfirmed_micros: micros,
  limit_micros: micros.nullable(),
})
export type BudgetScope = z.infer<typeof budgetScope>

export const budgetLimits = z.strictObject({
  daily_micros: micros.nullable(),
  monthly_micros: micros.nullable(),
  global_micros: micros.nullable(),
  /** Defaults for projects, tasks and runs that have no limit of their own. */
  project_micros: micros.nullable(),
  task_micros: micros.nullable(),
  run_micros: micros.nullable(),
})
export type BudgetLimits = z.infer<typeof budgetLimits>

export const DEFAULT_BUDGET_LIMITS: BudgetLimits = {
  daily_micros: 5_000_000,
  monthly_micros: 50_000_000,
  global_micros: null,
  project_micros: null,
  task_micros: null,
  run_micros: null,
}

export const budget = z.object({
  limits: budgetLimits,
  day: budgetScope,
  month: budgetScope,
  global: budgetScope,
})
export type Budget = z.infer<typeof budget>
