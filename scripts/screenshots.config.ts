import { defineConfig } from '@playwright/test'
import base from '../playwright.config.ts'

/** `npm run screenshots`: pictures of every screen into `screenshots/`, for a person to look at. */
export default defineConfig({
  ...base,
  testDir: '../tests/pictures',
  testMatch: '**/*.pictures.ts',
  globalSetup: './build-once.ts',
  outputDir: '../test-results/pictures',
  timeout: 1_800_000,
  reporter: [['list']],
  projects: [{ name: 'chromium' }],
})
