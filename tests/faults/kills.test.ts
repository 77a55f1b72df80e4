import { expect, test } from 'vitest'
import { FAILPOINTS } from '../../src-main/core/failpoint.ts'
import { runCampaign } from './campaign.ts'
import { INVARIANTS, type Invariant } from './findings.ts'

/** The short form of `npm run test:faults`: each failpoint once, some twice in a row, then some random moments. */
const SEED = 20_261_121
const RANDOM_KILLS = 15

test('E5 B2 a core killed at every failpoint and at random moments loses, repeats and overspends nothing', async () => {
  const report = await runCampaign({ seed: SEED, kills: RANDOM_KILLS, failpoints: FAILPOINTS, parallel: 2 })
  expect(report.findings.violations).toEqual([])
  expect(report.not_passed).toEqual([])
  // Each was come by; those that need a death before them make some more.
  expect(report.failpoint_kills).toBeGreaterThanOrEqual(FAILPOINTS.length)
  expect(report.second_kills).toBeGreaterThan(0)
  expect(report.random_kills).toBeGreaterThanOrEqual(RANDOM_KILLS)
  // Nothing holds that was never looked at.
  const looked = (Object.keys(INVARIANTS) as Invariant[]).filter((name) => (report.findings.checks.get(name) ?? 0) > 0)
  expect(looked).toEqual(Object.keys(INVARIANTS))
}, 900_000)
