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
            { title: 'passes', tests: [{ projectName: 'chromium', status: 'expected', annotations: [], results: [] }] },
            {
              title: 'breaks',
              tests: [
                {
                  projectName: 'chromium',
                  status: 'unexpected',
                  annotations: [],
                  results: [{ errors: [{ message: '\u001b[31mexpected 1\u001b[39m\nreceived 2' }] }],
                },
              ],
            },
            { title: 'wavers', tests: [{ projectName: 'electron', status: 'flaky', annotations: [], results: [] }] },
            {
              title: 'cannot',
              tests: [
                {
                  projectName: 'electron',
                  status: 'skipped',
                  results: [],
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

test('X4 adds both runners up in one closing line, below the skipped and the failed tests and their reasons', () => {
  const units = { passed: 7, failed: [], skipped: [{ title: 'T6 runs', reason: 'no bubblewrap' }] }
  expect(closingLines([units, outcomeOfPlaywright(report)])).toBe(
    [
      'skipped: T6 runs (no bubblewrap)',
      'skipped: [electron] cannot (no Electron binary)',
      'failed: [chromium] breaks',
      '  expected 1',
      '  received 2',
      'failed: [electron] wavers',
      '  no reason given',
      '8 passed, 2 failed, 2 skipped\n',
    ].join('\n'),
  )
})

test('X4 counts a runner that died without a failed test as a failure', () => {
  const clean = { passed: 7, failed: [], skipped: [] }
  const failed = [{ title: 'T6 runs', reason: 'it did not' }]
  expect(withExitCode(clean, 1).failed).toEqual([{ title: 'the runner', reason: 'ended with exit code 1' }])
  expect(withExitCode(clean, 0).failed).toEqual([])
  expect(withExitCode({ ...clean, failed }, 1).failed).toEqual(failed)
})
