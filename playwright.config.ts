import { defineConfig } from '@playwright/test'
import { chromiumLaunch } from './scripts/chromium.ts'

const { executablePath, args } = chromiumLaunch()

/**
 * Every spec runs twice: `chromium` against `baton serve`, `electron` through the real preload and the message port
 * (on Electron itself where its binary is present, else on the double). `x.browser.spec.ts` and `x.desktop.spec.ts`
 * run in one of the two only.
 */
export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './scripts/build-once.ts',
  outputDir: 'test-results/e2e',
  // Generous, so that no test depends on the machine's speed.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  // Each test has a Baton of its own, on ports and in folders of its own.
  workers: 2,
  fullyParallel: true,
  // What takes minutes has a script of its own.
  grepInvert: /@long/,
  forbidOnly: process.env['CI'] === 'true',
  retries: 0,
  reporter: [['list'], ['json', { outputFile: 'test-results/playwright.json' }]],
  use: {
    launchOptions: executablePath === undefined ? { args } : { executablePath, args },
    screenshot: 'only-on-failure',
    trace: { mode: 'retain-on-failure', screenshots: false },
  },
  projects: [
    { name: 'chromium', testIgnore: '**/*.desktop.spec.ts' },
    { name: 'electron', testIgnore: '**/*.browser.spec.ts' },
  ],
})
