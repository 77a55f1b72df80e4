import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import { failure, type Outcome } from './test-outcome.ts'

/** Writes what `npm test` counts. Vitest's own JSON reporter leaves out why a test was skipped. */
export default class OutcomeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly { message: string }[]): void {
    const outcome: Outcome = {
      passed: 0,
      failed: unhandledErrors.map((error) => failure('outside of a test', [error])),
      skipped: [],
    }
    for (const module of modules) {
      if (module.errors().length > 0) outcome.failed.push(failure(module.moduleId, module.errors()))
      for (const suite of module.children.allSuites())
        if (suite.errors().length > 0) outcome.failed.push(failure(suite.fullName, suite.errors()))
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') outcome.passed++
        else if (result.state === 'failed') outcome.failed.push(failure(test.fullName, result.errors))
        else outcome.skipped.push({ title: test.fullName, reason: noteOf(result) ?? 'no reason given' })
      }
    }
    const file = process.env['BATON_TEST_OUTCOME']
    if (file === undefined) throw new Error('BATON_TEST_OUTCOME names no file to write the outcome to.')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(outcome))
  }
}

function noteOf(result: object): string | undefined {
  return 'note' in result && typeof result.note === 'string' ? result.note : undefined
}
