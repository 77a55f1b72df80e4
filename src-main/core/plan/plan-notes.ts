import type { PlanProblem, PlanRepair } from '#contract/plan.ts'

/** More than anybody reads; a hostile answer could otherwise make hundreds of thousands. */
const MAX_NOTES = 2_000

/** Collects what was set right and what could not be, while a model's plan is read. Past the bound they are only counted. */
export class PlanNotes {
  private readonly keptRepairs: PlanRepair[] = []
  private readonly keptProblems: PlanProblem[] = []
  private moreRepairs = 0
  private moreProblems = 0

  repair(task: string | null, what: string): void {
    if (this.keptRepairs.length < MAX_NOTES) this.keptRepairs.push({ task, what })
    else this.moreRepairs += 1
  }

  problem(task: string | null, field: string | null, message: string): void {
    if (this.keptProblems.length < MAX_NOTES) this.keptProblems.push({ task, field, message })
    else this.moreProblems += 1
  }

  repairs(): PlanRepair[] {
    const rest = { task: null, what: `And ${this.moreRepairs} more changes of the same kinds.` }
    return this.moreRepairs === 0 ? [...this.keptRepairs] : [...this.keptRepairs, rest]
  }

  problems(): PlanProblem[] {
    const rest = { task: null, field: null, message: `And ${this.moreProblems} more problems of the same kinds.` }
    return this.moreProblems === 0 ? [...this.keptProblems] : [...this.keptProblems, rest]
  }
}
