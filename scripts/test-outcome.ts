import { z } from 'zod'

/** What a test runner reported, in the words of the closing line. */
export type Outcome = {
  passed: number
  failed: number
  skipped: { title: string; reason: string }[]
}

export const vitestOutcome = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.array(z.object({ title: z.string(), reason: z.string() })),
})

const playwrightSpec = z.object({
  title: z.string(),
  tests: z.array(
    z.object({
      projectName: z.string(),
      status: z.enum(['expected', 'unexpected', 'flaky', 'skipped']),
      annotations: z.array(z.object({ type: z.string(), description: z.string().optional() })),
    }),
  ),
})
type PlaywrightSuite = { specs: z.infer<typeof playwrightSpec>[]; suites?: PlaywrightSuite[] | undefined }
const playwrightSuite: z.ZodType<PlaywrightSuite> = z.object({
  specs: z.array(playwrightSpec),
  get suites() {
    return z.array(playwrightSuite).optional()
  },
})

/** The parts of Playwright's JSON report that are read. */
export const playwrightReport = z.object({
  suites: z.array(playwrightSuite),
  errors: z.array(z.unknown()),
})

function specsOf(suite: PlaywrightSuite): z.infer<typeof playwrightSpec>[] {
  return [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)]
}

/** Counts a Playwright report. A test that passed only at its second try counts as failed. */
export function outcomeOfPlaywright(report: z.infer<typeof playwrightReport>): Outcome {
  const outcome: Outcome = { passed: 0, failed: 0, skipped: [] }
  for (const spec of report.suites.flatMap(specsOf)) {
    for (const { projectName, status, annotations } of spec.tests) {
      const title = `[${projectName}] ${spec.title}`
      if (status === 'expected') outcome.passed++
      else if (status === 'skipped') {
        const note = annotations.find(({ type }) => type === 'skip' || type === 'fixme')
        outcome.skipped.push({ title, reason: note?.description ?? 'no reason given' })
      } else outcome.failed++
    }
  }
  return outcome
}

/** A runner that failed without a failed test (a file that does not load, a crash) counts as one failure. */
export function withExitCode(outcome: Outcome, exitCode: number): Outcome {
  return exitCode !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1 } : outcome
}

/** The skipped tests with their reasons, then the closing line. */
export function closingLines(outcomes: readonly Outcome[]): string {
  const skipped = outcomes.flatMap((outcome) => outcome.skipped)
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
  const list = skipped.map(({ title, reason }) => `skipped: ${title} (${reason})\n`).join('')
  return `${list}${passed} passed, ${failed} failed, ${skipped.length} skipped\n`
}
