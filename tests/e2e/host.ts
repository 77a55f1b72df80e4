import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test as base, type Page } from '@playwright/test'
import { z } from 'zod'
import { desktopKind, type Environment, launchDesktop } from './desktop-app.ts'
import { skipFirstRun } from './skip-first-run.ts'

/** An element that never comes fails the test by its name, not by the end of the test's time. */
const ELEMENT_MS = 30_000
const root = join(import.meta.dirname, '..', '..')
const readyLine = z.object({ url: z.string(), token_file: z.string(), pid: z.number() })

/** Baton as a user has it in front of him: its window, on a data folder of its own. */
export interface Host {
  readonly page: Page
  readonly data_dir: string
  /** Ends what was started and removes the data folder. */
  close(): Promise<void>
}

/** Starts the built `baton serve` with the demo model on a new data folder and opens its UI in Chromium. */
async function openInBrowser(page: Page, change: Environment): Promise<Host> {
  const data_dir = mkdtempSync(join(tmpdir(), 'baton-e2e-'))
  const child = spawn(process.execPath, ['bin/baton.cjs', 'serve', '--port', '0', '--data', data_dir], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // No key and no server of this machine may change what the test sees.
    env: { ...process.env, ANTHROPIC_API_KEY: '', OLLAMA_HOST: '127.0.0.1:1', BATON_DATA_DIR: data_dir, ...change },
  })
  const ready = await readReadyLine(child)
  page.setDefaultTimeout(ELEMENT_MS)
  const token = readFileSync(ready.token_file, 'utf8').trim()
  await page.goto(`${ready.url}/#token=${token}`)
  return {
    page,
    data_dir,
    async close() {
      if (child.exitCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      rmSync(data_dir, { recursive: true, force: true })
    },
  }
}

/** Starts the built desktop on a new data folder: on Electron itself, or on its double where that cannot run. */
async function openDesktop(change: Environment): Promise<Host> {
  process.stdout.write(`The desktop runs on ${desktopKind()}.\n`)
  const data_dir = mkdtempSync(join(tmpdir(), 'baton-e2e-'))
  const desktop = await launchDesktop(data_dir, change)
  const page = await desktop.window()
  page.setDefaultTimeout(ELEMENT_MS)
  return {
    page,
    data_dir,
    async close() {
      await desktop.interrupt()
      rmSync(data_dir, { recursive: true, force: true })
    },
  }
}

/** The one line of JSON that `baton serve` prints; fails with what it said on stderr where it ends before. */
async function readReadyLine(child: ChildProcess): Promise<z.infer<typeof readyLine>> {
  if (child.stdout === null || child.stderr === null) throw new Error('baton serve was started without pipes')
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  for await (const line of createInterface({ input: child.stdout })) return readyLine.parse(JSON.parse(line))
  throw new Error(`baton serve ended before it was ready:\n${said}`)
}

/**
 * `test` with a Baton of its own for each test. `environment`: what it is told beside its defaults. `firstRun`: whether the
 * page that comes by itself on a new data folder stays; otherwise it is skipped, as a user would.
 */
export const test = base.extend<{ host: Host; environment: Environment; firstRun: 'skip' | 'stay' }>({
  environment: [{}, { option: true }],
  firstRun: ['skip', { option: true }],
  host: async ({ page, environment, firstRun }, use, info) => {
    const host =
      info.project.name === 'electron' ? await openDesktop(environment) : await openInBrowser(page, environment)
    if (firstRun === 'skip') await skipFirstRun(host.page)
    await use(host)
    await host.close()
  },
})
