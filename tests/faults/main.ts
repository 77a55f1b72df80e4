/**
 * `npm run test:faults [-- --kills N] [--seed S] [--failpoints all|none|<name:n,…>]`: kills a working core at every failpoint
 * and at N random moments (1,000 where not said), and prints what held. The exit code is 1 where something did not.
 */
import { parseArgs } from 'node:util'
import { FAILPOINTS } from '../../src-main/core/failpoint.ts'
import { type CampaignReport, runCampaign } from './campaign.ts'
import { INVARIANTS, type Invariant } from './findings.ts'

const TIMES = [1, 2, 7]

function wholeNumber(text: string | undefined, name: string, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  process.stderr.write(`--${name} must be a whole number, not "${text}".\n`)
  process.exit(2)
}

function print(report: CampaignReport, seed: number): void {
  const { findings, random_kills, failpoint_kills, rounds, raised_limits, not_passed, seconds } = report
  const kills = random_kills + failpoint_kills
  const names = Object.keys(INVARIANTS) as Invariant[]
  const rows = names.map((name) => {
    const checks = findings.checks.get(name) ?? 0
    return `${String(findings.violationsOf(name)).padStart(5)} of ${String(checks).padStart(8)}  ${name}: ${INVARIANTS[name]}`
  })
  process.stdout.write(
    [
      '',
      `seed ${seed}: ${kills} kills (${failpoint_kills} at failpoints, ${random_kills} at random), ${rounds} drained rounds,`,
      `${raised_limits} limits raised, ${Math.round(seconds)} s, ${((kills / seconds) * 60).toFixed(1)} kills per minute`,
      `not passed so often: ${not_passed.join(', ') || 'none'}`,
      'violations of checks',
      ...rows,
      ...findings.violations.map((text) => `VIOLATED ${text}`),
      '',
    ].join('\n'),
  )
}

const { values } = parseArgs({
  options: { kills: { type: 'string' }, seed: { type: 'string' }, failpoints: { type: 'string', default: 'all' } },
})
const seed = wholeNumber(values.seed, 'seed', Date.now() % 1_000_000)
const kills = wholeNumber(values.kills, 'kills', 1_000)
process.stdout.write(`seed ${seed}\n`)
function failpointsOf(text: string): string[] {
  if (text === 'none') return []
  if (text !== 'all') return text.split(',')
  return FAILPOINTS.flatMap((name) => TIMES.map((n) => `${name}:${n}`))
}

const report = await runCampaign({
  seed,
  kills,
  failpoints: failpointsOf(values.failpoints),
  progress: (text) => process.stderr.write(process.stderr.isTTY ? `\r\x1b[2K${text}` : `${text}\n`),
})
print(report, seed)
process.exitCode = report.findings.violations.length === 0 ? 0 : 1
