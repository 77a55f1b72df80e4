import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BatchDesk, createBatchDesk, type Fate } from '../doubles/anthropic-batches.ts'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import type { Double } from '../doubles/double-server.ts'
import { startOllamaDouble } from '../doubles/ollama-double.ts'
import { bundle } from './bundle.ts'
import { Findings } from './findings.ts'
import { Inspector } from './inspector.ts'
import { ACTS, type Act } from './person.ts'
import { type Seeded, seeded } from './seeded.ts'
import { type Death, runVictim } from './victim.ts'
import { workloadBrain } from './workload.ts'

export interface CampaignOptions {
  readonly seed: number
  /** Kills at random moments, after those at failpoints. */
  readonly kills: number
  /** `name` or `name:n`. A core is sent to each; those with `n` above 1 may never come by so often. */
  readonly failpoints: readonly string[]
  /** How many rounds go on side by side; 1 where not said. */
  readonly parallel?: number
  progress?(now: CampaignProgress): void
}

export interface CampaignProgress {
  readonly random_kills: number
  readonly failpoint_kills: number
  readonly violations: number
  /** Violations of this round so far. */
  readonly news: readonly string[]
  readonly seconds: number
}

export interface CampaignReport {
  readonly findings: Findings
  /** Work that was begun and drained, each on a data folder of its own. */
  readonly rounds: number
  readonly random_kills: number
  readonly failpoint_kills: number
  /** Kills of a core that had just come back from a kill and was at the same place again, or in its recovery. */
  readonly second_kills: number
  /** Failpoints that no core came by (often enough), although it had all the work before it. */
  readonly not_passed: readonly string[]
  readonly raised_limits: number
  readonly seconds: number
}

/** Most deaths on one data folder, so that many histories are begun. */
const MOST_DEATHS = 14
const LEAST_DEATHS = 4
/** So many events come by in the whole work; a core is killed after some of them. */
const MOST_EVENTS = 180
const MOST_ACTS = 2
/** Of the rounds after all failpoints: the others are as on a machine without git, and three times as fast. */
const WITH_GIT = 0.4
const ANTHROPIC_TROUBLE: readonly Behaviour['kind'][] = [
  'rate_limit',
  'overloaded',
  'server_error',
  'stream_cut',
  'stream_end',
  'stream_error',
]
const OLLAMA_TROUBLE: readonly Behaviour['kind'][] = ['overloaded', 'stream_cut', 'stream_error']
/** Passed only by a core whose predecessor died in the middle of a paid call. */
const AFTER_A_CALL = 'recovery-settling'
const IN_A_CALL = 'after-sent:2'
/** Passed in every recovery. */
const IN_RECOVERY = [
  'before-turn-commit',
  'after-turn-commit',
  'recovery-orphans-ended',
  'recovery-leases-swept',
  'recovery-settled',
  'recovery-calls-settled',
  'recovery-done',
]

type Planned = Death & { readonly second?: boolean }

/** Kills cores, looks at what each leaves behind, and lets the next go on from there, until the work is done; again and again. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const findings = new Findings()
  const pending = seeded(options.seed).shuffle(options.failpoints)
  const counts = { begun: 0, rounds: 0, random_kills: 0, failpoint_kills: 0, second_kills: 0, raised_limits: 0 }
  const not_passed: string[] = []
  const started = performance.now()
  const program = await bundle('core-child')
  let up_ms = 1_000

  async function round(): Promise<void> {
    const index = counts.begun
    counts.begun += 1
    // Of its own, so that a round does the same whatever goes on beside it.
    const random = seeded(options.seed * 10_007 + index)
    const own = new Findings()
    const folder = mkdtempSync(join(tmpdir(), 'baton-faults-'))
    const data_dir = join(folder, 'data')
    const desk = createBatchDesk()
    const anthropic = await startAnthropicDouble({ brain: workloadBrain, desk })
    const ollama = await startOllamaDouble({ brain: workloadBrain })
    const doubles = [anthropic, ollama]
    const inspector = new Inspector(data_dir, doubles, own)
    const hasGit = pending.length > 0 || random.chance(WITH_GIT)
    const path = hasGit ? (process.env['PATH'] ?? '') : ''
    const victim = { data_dir, anthropic: anthropic.url, ollama: ollama.url, path }
    const deaths = random.between(LEAST_DEATHS, MOST_DEATHS)
    let killedAt: Planned = { kind: 'none' }
    try {
      for (let life = 0; ; life += 1) {
        const death: Planned = life < deaths ? nextDeath(random, killedAt) : { kind: 'none' }
        own.place = `seed ${options.seed}, round ${index}, life ${life}, ${JSON.stringify(death)}, kept in ${folder}`
        setMood(random, anthropic, ollama)
        setDesk(random, desk)
        const meddling = { acts: actsFor(random, death, hasGit), seed: random.between(0, 1_000_000) }
        const end = await runVictim(program.file, { ...victim, ...meddling }, death)
        own.hold('stuck or failed cores', end.fault === '', () => end.fault)
        own.hold('complaining cores', end.errors.length === 0, () => end.errors.join('; '))
        counts.raised_limits += end.raised
        if (end.up_ms !== null) up_ms = (up_ms * 3 + end.up_ms) / 4
        if (end.killed) inspector.afterDeath(end.last_seq)
        killedAt = end.killed ? death : { kind: 'none' }
        count(death, end.killed, life)
        if (end.drained) inspector.afterDrain(end.last_seq)
        tell(own.violations)
        if (end.drained || end.fault !== '') break
      }
    } finally {
      counts.rounds += 1
      for (const double of doubles) await double.close()
      // What is wrong in it can only be understood by looking.
      if (own.violations.length === 0) rmSync(folder, { recursive: true, force: true })
      findings.add(own)
    }
  }

  function tell(news: readonly string[]): void {
    const { random_kills, failpoint_kills } = counts
    const seconds = (performance.now() - started) / 1_000
    options.progress?.({ random_kills, failpoint_kills, violations: findings.violations.length, news, seconds })
  }

  function count(death: Planned, killed: boolean, life: number): void {
    if (killed && death.second === true) counts.second_kills += 1
    else if (killed && death.kind === 'failpoint') counts.failpoint_kills += 1
    else if (killed) counts.random_kills += 1
    else if (death.kind !== 'failpoint' || death.second === true) return
    // It came by too late in the work, or not so often: tried once more with all the work before it.
    else if (life > 0) pending.unshift(death.name)
    else not_passed.push(death.name)
  }

  /** `last`: where the core before was killed. */
  function nextDeath(random: Seeded, last: Planned): Planned {
    const killed = last.kind !== 'none' && last.second !== true
    // Twice in a row at the same place, or in the recovery from it.
    if (killed && last.kind === 'failpoint' && random.chance(0.25)) {
      return { kind: 'failpoint', name: last.name.split(':')[0] ?? '', second: true }
    }
    if (killed && random.chance(0.15)) return { kind: 'failpoint', name: random.pick(IN_RECOVERY), second: true }
    const name = pending.shift()
    if (name?.startsWith(AFTER_A_CALL) && !(last.kind === 'failpoint' && last.name === IN_A_CALL)) {
      pending.unshift(name)
      return { kind: 'failpoint', name: IN_A_CALL }
    }
    if (name !== undefined) return { kind: 'failpoint', name }
    if (random.chance(0.25)) return { kind: 'time', ms: random.between(0, Math.ceil(up_ms * 1.2)) }
    return { kind: 'events', count: random.between(1, MOST_EVENTS), delay_ms: random.between(0, 8) }
  }

  /** On the way to a failpoint all is done that some of them need. */
  function actsFor(random: Seeded, death: Death, hasGit: boolean): Act[] {
    const possible = hasGit ? ACTS : ACTS.filter((act) => act !== 'undo')
    if (death.kind === 'failpoint' && hasGit) return ['lock', 'undo', random.pick(ACTS)]
    return Array.from({ length: random.between(0, MOST_ACTS) }, () => random.pick(possible))
  }

  async function rounds(): Promise<void> {
    // With one that hangs the rest says nothing new, and may hang too.
    const goesOn = (): boolean => findings.violationsOf('stuck or failed cores') === 0
    while ((pending.length > 0 || counts.random_kills < options.kills) && goesOn()) await round()
  }

  try {
    await Promise.all(Array.from({ length: options.parallel ?? 1 }, rounds))
  } finally {
    program.remove()
  }
  return { findings, ...counts, not_passed, seconds: (performance.now() - started) / 1_000 }
}

/** The same for batches. */
function setDesk(random: Seeded, desk: BatchDesk): void {
  desk.takes_ms = random.between(0, 60)
  desk.cuts = random.chance(0.2) ? 1 : 0
  desk.lost_creations = random.chance(0.15) ? 1 : 0
  desk.answered_before_cancel = random.between(0, 1)
  const fates: readonly Fate[] = ['succeeded', 'overloaded', 'expired', 'canceled']
  desk.fates.push(...Array.from({ length: random.between(0, 2) }, () => random.pick(fates)))
}

/** For one life of a core: some trouble, and slow answers, so that it dies with calls in flight. */
function setMood(random: Seeded, anthropic: Double, ollama: Double): void {
  for (const double of [anthropic, ollama]) {
    double.setDefault({ kind: 'answer', start_delay_ms: random.between(0, 60), delay_ms: random.between(0, 2) })
  }
  const some = (kinds: readonly Behaviour['kind'][], most: number): Behaviour[] =>
    Array.from({ length: random.between(0, most) }, () => ({ kind: random.pick(kinds) }))
  anthropic.script(...some(ANTHROPIC_TROUBLE, 2))
  ollama.script(...some(OLLAMA_TROUBLE, 1))
}
