import { defineConfig } from '@playwright/test'
import base from '../playwright.config.ts'

/** `npm run test:buttons`: presses every button of every screen, also of those that `npm test` leaves out. */
export default defineConfig({
  ...base,
  testDir: '../tests/e2e',
  testMatch: 'every-button.browser.spec.ts',
  grepInvert: [],
  globalSetup: './build-once.ts',
  outputDir: '../test-results/buttons',
  reporter: [['list']],
})
