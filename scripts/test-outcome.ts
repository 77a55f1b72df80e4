import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'

const named = z.array(z.object({ title: z.string(), reason: z.string() }))

/** What Vitest's reporter writes for `npm test`. */
export const vitestOutcome = z.object({ passed: z.number(), failed: named, skipped: named })

/** What a test runner reported, in the words of the closing line. */
export type Outcome = z.infer<typeof vitestOutcome>

const playwrightSpec = z.object({
  title: z.string(),
  tests: z.array(
    z.object({
      projectName: z.string(),
      status: z.enum(['expected', 'unexpected', 'flaky', 'skipped']),
      results: z.array(z.object({ errors: z.array(z.object({ message: z.string().optional() })) })),
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
  errors: z.array(z.object({ message: z.string().optional() })),
})

function specsOf(suite: PlaywrightSuite): z.infer<typeof playwrightSpec>[] {
  return [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)]
}

/** Counts a Playwright report. A test that passed only at its second try counts as failed. */
export function outcomeOfPlaywright(report: z.infer<typeof playwrightReport>): Outcome {
  const outcome: Outcome = {
    passed: 0,
    failed: report.errors.map((error) => failure('outside of a test', [error])),
    skipped: [],
  }
  for (const spec of report.suites.flatMap(specsOf)) {
    for (const { projectName, status, annotations, results } of spec.tests) {
      const title = `[${projectName}] ${spec.title}`
      if (status === 'expected') outcome.passed++
      else if (status === 'skipped') {
        const note = annotations.find(({ type }) => type === 'skip' || type === 'fixme')
        outcome.skipped.push({ title, reason: note?.description ?? 'no reason given' })
      } else
        outcome.failed.push(
          failure(
            title,
            results.flatMap(({ errors }) => errors),
          ),
        )
    }
  }
  return outcome
}

/** A runner that failed without a failed test (a file that does not load, a crash) counts as one failure. */
export function withExitCode(outcome: Outcome, exitCode: number): Outcome {
  if (exitCode === 0 || outcome.failed.length > 0) return outcome
  return { ...outcome, failed: [{ title: 'the runner', reason: `ended with exit code ${exitCode}` }] }
}

/** Characters of a failure that the closing lines repeat; the whole of it stands where the test ran. */
const REASON_CHARS = 1_500

/** An error of either runner; Vitest gives the difference beside the message. */
type Said = { message?: string | undefined; diff?: string | undefined }

/** A failed test with what its errors said, without colours. */
export function failure(title: string, errors: readonly Said[]): Outcome['failed'][number] {
  const texts = errors.flatMap(({ message, diff }) => [message, diff]).filter((text) => text !== undefined)
  const said = stripVTControlCharacters(texts.join('\n'))
  return { title, reason: said.slice(0, REASON_CHARS) || 'no reason given' }
}

/** The skipped and the failed tests with their reasons, then the closing line: the end of a long log tells it all. */
export function closingLines(outcomes: readonly Outcome[]): string {
  const skipped = outcomes.flatMap((outcome) => outcome.skipped)
  const failed = outcomes.flatMap((outcome) => outcome.failed)
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
  const list = skipped.map(({ title, reason }) => `skipped: ${title} (${reason})\n`).join('')
  const failures = failed.map(({ title, reason }) => `failed: ${title}\n${reason.replace(/^/gm, '  ')}\n`).join('')
  return `${list}${failures}${passed} passed, ${failed.length} failed, ${skipped.length} skipped\n`
}
