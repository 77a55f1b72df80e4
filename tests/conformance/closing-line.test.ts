import { expect, test } from 'vitest'
import { closingLines, outcomeOfPlaywright, playwrightReport, withExitCode } from '../../scripts/test-outcome.ts'

const report = playwrightReport.parse({
  errors: [],
  suites: [
    {
      specs: [],
      suites: [
        {
          specs: [
            { title: 'passes', tests: [{ projectName: 'chromium', status: 'expected', annotations: [] }] },
            { title: 'breaks', tests: [{ projectName: 'chromium', status: 'unexpected', annotations: [] }] },
            { title: 'wavers', tests: [{ projectName: 'electron', status: 'flaky', annotations: [] }] },
            {
              title: 'cannot',
              tests: [
                {
                  projectName: 'electron',
                  status: 'skipped',
                  annotations: [{ type: 'skip', description: 'no Electron binary' }],
                },
              ],
            },
          ],
        },
      ],
    },
  ],
})

test('X4 adds both runners up in one closing line, below the skipped tests and their reasons', () => {
  const units = { passed: 7, failed: 0, skipped: [{ title: 'T6 runs', reason: 'no bubblewrap' }] }
  expect(closingLines([units, outcomeOfPlaywright(report)])).toBe(
    'skipped: T6 runs (no bubblewrap)\nskipped: [electron] cannot (no Electron binary)\n8 passed, 2 failed, 2 skipped\n',
  )
})

test('X4 counts a runner that died without a failed test as a failure', () => {
  const clean = { passed: 7, failed: 0, skipped: [] }
  expect(withExitCode(clean, 1).failed).toBe(1)
  expect(withExitCode(clean, 0).failed).toBe(0)
  expect(withExitCode({ ...clean, failed: 3 }, 1).failed).toBe(3)
})
