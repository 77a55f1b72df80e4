/** What must hold, in the words of the report. */
export const INVARIANTS = {
  'lost tasks': 'every task ends as succeeded, at its first attempt',
  'repeated steps': 'what the journal calls done is never done again',
  'repeated effects': 'every write happens once; no model is asked behind the journal’s back',
  'unaccounted money':
    'billed ≤ settled + reserved ≤ limit; after the drain nothing is reserved and the usage log adds up',
  'broken event log': 'no gap, no change of what was told, nothing told that was not kept',
  'broken run sequence': 'phases of a run are numbered 0..n, at growing times',
  'left-over files': 'files have their content, and nothing temporary stays',
  'broken database': 'SQLite finds no fault',
  'broken chains': 'ledger, journal and usage are linked without a gap, and hold the heads that were kept outside',
  'broken locks': 'nobody holds what another holds; every grant has a newer token; a dead core’s are taken over',
  'broken history': 'git finds no fault in a private history, and its newest commit holds every file as it lies there',
  'left-over processes': 'nothing that a core started outlives the work',
  'complaining cores': 'no core logs an error',
  'stuck or failed cores': 'every core ends as killed or with everything done',
} as const
export type Invariant = keyof typeof INVARIANTS

/** Counts how often each invariant was looked at, and keeps what was wrong. */
export class Findings {
  readonly checks = new Map<Invariant, number>()
  readonly violations: string[] = []
  /** Where in the whole test one is; said with each violation. */
  place = ''

  hold(invariant: Invariant, holds: boolean, otherwise: () => string): void {
    this.checks.set(invariant, (this.checks.get(invariant) ?? 0) + 1)
    if (!holds) this.violations.push(`${invariant}: ${otherwise()} [${this.place}]`)
  }

  /** Takes in what was found elsewhere. */
  add(other: Findings): void {
    for (const [name, n] of other.checks) this.checks.set(name, (this.checks.get(name) ?? 0) + n)
    this.violations.push(...other.violations)
  }

  violationsOf(invariant: Invariant): number {
    return this.violations.filter((text) => text.startsWith(`${invariant}:`)).length
  }
}
