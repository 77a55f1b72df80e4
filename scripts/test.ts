/**
 * `npm test`: unit, integration and end-to-end tests. The last line is `N passed, N failed, N skipped` over all of them;
 * the exit code is not zero where a test failed or none ran.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ensureTestTools } from './ensure-test-tools.ts'
import {
  closingLines,
  type Outcome,
  outcomeOfPlaywright,
  playwrightReport,
  vitestOutcome,
  withExitCode,
} from './test-outcome.ts'

const root = dirname(import.meta.dirname)
const require = createRequire(import.meta.url)
const none: Outcome = { passed: 0, failed: [], skipped: [] }

function node(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): number {
  const done = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  return done.status ?? 1
}

function runVitest(): Outcome {
  const file = join(root, 'test-results', 'vitest.json')
  rmSync(file, { force: true })
  const script = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=./scripts/vitest-outcome-reporter.ts']
  const code = node(script, ['run', ...reporters], { BATON_TEST_OUTCOME: file })
  const outcome = existsSync(file) ? vitestOutcome.parse(JSON.parse(readFileSync(file, 'utf8'))) : none
  return withExitCode(outcome, code)
}

function runPlaywright(): Outcome {
  const file = join(root, 'test-results', 'playwright.json')
  rmSync(file, { force: true })
  const script = join(dirname(require.resolve('@playwright/test/package.json')), 'cli.js')
  const code = node(script, ['test', '--pass-with-no-tests'])
  const outcome = existsSync(file)
    ? outcomeOfPlaywright(playwrightReport.parse(JSON.parse(readFileSync(file, 'utf8'))))
    : none
  return withExitCode(outcome, code)
}

function main(): number {
  ensureTestTools()
  const built = node(join(root, 'scripts', 'build.ts'), ['--if-stale']) === 0
  const outcomes = built ? [runVitest(), runPlaywright()] : [withExitCode(none, 1)]
  if (!built) process.stderr.write('The build failed, so no test could run; the reason stands above.\n')
  process.stdout.write(`\n${closingLines(outcomes)}`)
  const ran = outcomes.some(({ passed, failed }) => passed + failed.length > 0)
  return ran && outcomes.every(({ failed }) => failed.length === 0) ? 0 : 1
}

process.exitCode = main()
