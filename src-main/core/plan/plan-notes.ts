import type { PlanProblem, PlanRepair } from '#contract/plan.ts'

/** Collects what was set right and what could not be, while a model's plan is read. */
export class PlanNotes {
  readonly repairs: PlanRepair[] = []
  readonly problems: PlanProblem[] = []

  repair(task: string | null, what: string): void {
    this.repairs.push({ task, what })
  }

  problem(task: string | null, field: string | null, message: string): void {
    this.problems.push({ task, field, message })
  }
}
