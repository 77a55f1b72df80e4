/**
 * `npm run test:faults [-- --kills N] [--seed S] [--failpoints all|none|<name:n,…>] [--parallel N]`: kills working cores (N
 * at a time; 1 where not said) at every failpoint and at N random moments (1,000 where not said), says every 50 kills how far it is, and prints what held; its last line has
 * all figures. The exit code is 1 where something did not hold. The same seed chooses the same deaths again.
 */
import { parseArgs } from 'node:util'
import { FAILPOINTS } from '../../src-main/core/failpoint.ts'
import { type CampaignProgress, type CampaignReport, runCampaign } from './campaign.ts'
import { INVARIANTS, type Invariant } from './findings.ts'

const TIMES = [1, 3]
const TELL_EVERY = 50

function wholeNumber(text: string | undefined, name: string, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  process.stderr.write(`--${name} must be a whole number, not "${text}".\n`)
  process.exit(2)
}

function print(report: CampaignReport, seed: number): void {
  const { findings, random_kills, failpoint_kills, second_kills, rounds, raised_limits, not_passed, seconds } = report
  const kills = random_kills + failpoint_kills + second_kills
  const names = Object.keys(INVARIANTS) as Invariant[]
  const rows = names.map((name) => {
    const checks = findings.checks.get(name) ?? 0
    return `${String(findings.violationsOf(name)).padStart(5)} of ${String(checks).padStart(8)}  ${name}: ${INVARIANTS[name]}`
  })
  process.stdout.write(
    [
      '',
      `seed ${seed}: ${kills} kills (${failpoint_kills} at failpoints, ${second_kills} twice in a row or in recovery, ${random_kills} at random), ${rounds} drained rounds,`,
      `${raised_limits} limits raised, ${Math.round(seconds)} s, ${((kills / seconds) * 60).toFixed(1)} kills per minute`,
      `not passed so often: ${not_passed.join(', ') || 'none'}`,
      'violations of checks',
      ...rows,
      ...findings.violations.map((text) => `VIOLATED ${text}`),
      figures(report, seed),
      '',
    ].join('\n'),
  )
}

/** All of it in one line. */
function figures(
  { findings, random_kills, failpoint_kills, second_kills, seconds }: CampaignReport,
  seed: number,
): string {
  const checks = [...findings.checks.values()].reduce((sum, each) => sum + each, 0)
  const [lost, repeated, twice, unaccounted] = (
    ['lost tasks', 'repeated steps', 'repeated effects', 'unaccounted money'] as const
  ).map((name) => findings.violationsOf(name))
  return `FIGURES seed=${seed} kills=${random_kills + failpoint_kills + second_kills} random=${random_kills} failpoints=${failpoint_kills} second=${second_kills} seconds=${Math.round(seconds)} lost=${lost} repeated=${repeated} twice=${twice} unaccounted=${unaccounted} violations=${findings.violations.length} checks=${checks}`
}

let told = 0
const known = new Set<string>()
function tell({ random_kills, failpoint_kills, violations, news, seconds }: CampaignProgress): void {
  for (const text of news) {
    if (!known.has(text)) process.stderr.write(`VIOLATED ${text}\n`)
    known.add(text)
  }
  const kills = random_kills + failpoint_kills
  if (kills < told + TELL_EVERY) return
  told = kills - (kills % TELL_EVERY)
  const now = new Date().toISOString().slice(11, 19)
  process.stderr.write(
    `${now} ${kills} kills (${random_kills} at random), ${violations} violations, ${Math.round(seconds)} s\n`,
  )
}

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    seed: { type: 'string' },
    failpoints: { type: 'string', default: 'all' },
    parallel: { type: 'string' },
  },
})
const seed = wholeNumber(values.seed, 'seed', Date.now() % 1_000_000)
const kills = wholeNumber(values.kills, 'kills', 1_000)
process.stdout.write(`seed ${seed}\n`)
function failpointsOf(text: string): string[] {
  if (text === 'none') return []
  if (text !== 'all') return text.split(',')
  // A start passes its recovery once.
  return FAILPOINTS.flatMap((name) => (name.startsWith('recovery-') ? [name] : TIMES.map((n) => `${name}:${n}`)))
}

const report = await runCampaign({
  seed,
  kills,
  failpoints: failpointsOf(values.failpoints),
  parallel: wholeNumber(values.parallel, 'parallel', 1),
  progress: tell,
})
print(report, seed)
process.exitCode = report.findings.violations.length === 0 ? 0 : 1
