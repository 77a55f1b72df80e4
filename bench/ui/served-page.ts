import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Browser, type CDPSession, chromium, type Page } from '@playwright/test'
import { z } from 'zod'
import { chromiumLaunch } from '../../scripts/chromium.ts'
import { root } from '../measure-process.ts'

const ready = z.object({ url: z.string(), token_file: z.string() })
const processes = z.object({ processInfo: z.array(z.object({ type: z.string(), id: z.number() })) })

/** The built `baton serve` on a data folder, and a Chromium that has logged in there. */
export interface ServedPage {
  readonly page: Page
  readonly url: string
  /** What the page holds after a collection: its heap, and the proportional memory of its process (null where the system does not tell). */
  memory(): Promise<{ readonly heap_bytes: number; readonly process_bytes: number | null }>
  close(): Promise<void>
}

export async function servePage(dataDir: string): Promise<ServedPage> {
  const child = spawn(process.execPath, [join(root, 'bin', 'baton.cjs'), 'serve', '--port', '0', '--data', dataDir], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    // Nobody listens at port 1.
    env: { PATH: process.env['PATH'], HOME: dataDir, OLLAMA_HOST: '127.0.0.1:1', BATON_SKIP_BUILD: '1' },
  })
  const { url, token_file } = await readyOf(child)
  const browser = await chromium.launch(chromiumLaunch())
  const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } })
  await page.goto(`${url}/#token=${readFileSync(token_file, 'utf8').trim()}`)
  await page.getByRole('heading', { level: 1, name: 'Projects' }).waitFor()
  return {
    page,
    url,
    memory: () => memoryOf(browser, page),
    async close() {
      await browser.close()
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

async function readyOf(child: ChildProcess): Promise<z.infer<typeof ready>> {
  if (child.stdout === null) throw new Error('baton serve was started without a pipe')
  for await (const line of createInterface({ input: child.stdout })) return ready.parse(JSON.parse(line))
  throw new Error('baton serve ended before it was ready; the reason stands above')
}

async function memoryOf(browser: Browser, page: Page) {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  const overall: CDPSession = await browser.newBrowserCDPSession()
  const { processInfo } = processes.parse(await overall.send('SystemInfo.getProcessInfo'))
  const held = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => proportionalBytes(id))
  return {
    heap_bytes: usedSize,
    process_bytes: held.includes(null) ? null : Math.max(...held.map((bytes) => bytes ?? 0)),
  }
}

function proportionalBytes(pid: number): number | null {
  try {
    const found = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
    return Number(found?.[1]) * 1_024
  } catch {
    // Another system than Linux, or a process that has ended.
    return null
  }
}
