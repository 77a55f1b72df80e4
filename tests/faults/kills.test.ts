import { expect, test } from 'vitest'
import { FAILPOINTS } from '../../src-main/core/failpoint.ts'
import { runCampaign } from './campaign.ts'
import { INVARIANTS, type Invariant } from './findings.ts'

/** The short form of `npm run test:faults`: each failpoint once, then some random moments. */
const SEED = 20_261_121
const RANDOM_KILLS = 30

test('E5 B2 a core killed at every failpoint and at random moments loses, repeats and overspends nothing', async () => {
  const report = await runCampaign({ seed: SEED, kills: RANDOM_KILLS, failpoints: FAILPOINTS })
  expect(report.findings.violations).toEqual([])
  expect(report.not_passed).toEqual([])
  expect(report.failpoint_kills).toBe(FAILPOINTS.length)
  expect(report.random_kills).toBeGreaterThanOrEqual(RANDOM_KILLS)
  // Nothing holds that was never looked at.
  const looked = (Object.keys(INVARIANTS) as Invariant[]).filter((name) => (report.findings.checks.get(name) ?? 0) > 0)
  expect(looked).toEqual(Object.keys(INVARIANTS))
}, 900_000)
