import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, type Page } from '@playwright/test'
import { type DesktopApp, desktopKind, type Environment, launchDesktop } from './desktop-app.ts'
import { skipFirstRun } from './skip-first-run.ts'

/** `test` with a desktop of its own for each test, on a data folder of its own. `environment`: what it is told beside its defaults. */
export const test = base.extend<{
  environment: Environment
  dataDir: string
  desktop: DesktopApp
  window: Page
  announced: undefined
}>({
  environment: [{}, { option: true }],
  announced: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright asks for a pattern.
    async ({}, use) => {
      process.stdout.write(`The desktop's specs run on ${desktopKind()}.\n`)
      await use(undefined)
    },
    { auto: true },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright asks for a pattern.
  dataDir: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'baton-desktop-'))
    await use(folder)
    rmSync(folder, { recursive: true, force: true })
  },
  desktop: async ({ dataDir, environment }, use) => {
    const desktop = await launchDesktop(dataDir, environment)
    await use(desktop)
    await desktop.interrupt()
  },
  window: async ({ desktop }, use) => {
    const window = await desktop.window()
    await skipFirstRun(window)
    await use(window)
  },
})
