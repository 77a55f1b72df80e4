import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { type CrowdNews, type CrowdOrder, crowdNews } from './crowd.ts'

export const root = dirname(dirname(import.meta.dirname))

/** With which webhooks are signed. */
export const WEBHOOK_SECRET = 'secret of the load test'

/** A server in a process and a temporary folder of its own. */
export interface Served {
  readonly url: string
  readonly pid: number
  /** What a request has to show; a bare server looks at nothing. */
  readonly authorization: string
  close(): Promise<void>
}

const started = z.looseObject({ url: z.string(), token_file: z.string().optional() })

async function begin(script: string, args: (folder: string) => readonly string[]): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-load-'))
  const child = spawn(process.execPath, [script, ...args(folder)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...{ PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, BATON_SKIP_BUILD: '1' },
      ...{ BATON_DATA_DIR: join(folder, 'data'), BATON_LOG_LEVEL: 'warn' },
      // Nobody listens there.
      OLLAMA_HOST: '127.0.0.1:1',
      WEBHOOK_SECRET,
    },
  })
  const ended = once(child, 'exit')
  const line = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => null)])
  if (line === null) throw new Error(`${script} ended before it served anything.`)
  const { url, token_file } = started.parse(JSON.parse(String(line[0])))
  const token = token_file === undefined ? 'none' : readFileSync(token_file, 'utf8').trim()
  return {
    url,
    pid: child.pid ?? 0,
    authorization: `Bearer ${token}`,
    async close() {
      child.kill('SIGINT')
      const patience = setTimeout(() => child.kill('SIGKILL'), 20_000)
      await ended
      clearTimeout(patience)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** `baton serve`, as it is built. */
export function serveBaton(): Promise<Served> {
  return begin(join(root, 'bin', 'baton.cjs'), () => ['serve', '--port', '0'])
}

export type Bare = 'http' | 'hono' | 'hono-sqlite' | 'insert' | 'sse'

export function serveBare(kind: Bare): Promise<Served> {
  return begin(join(import.meta.dirname, 'bare-server.ts'), (folder) => [kind, folder])
}

/** Many readers of events, in a process of their own. */
export interface Crowd {
  open(of: Served, path: string, readers: number): Promise<number>
  /** Calls `listener` when the last reader has had an event, with its id and the moment. */
  onTold(listener: (id: string, lastMs: number) => void): void
  /** How many events came, how many of them to all, and how many lines were lost. */
  leave(): Promise<Extract<CrowdNews, { news: 'closed' }>>
  end(): Promise<void>
}

export function gatherCrowd(): Crowd {
  const child: ChildProcess = fork(join(import.meta.dirname, 'crowd.ts'), [], { execPath: process.execPath })
  const order = (message: CrowdOrder): void => void child.send(message)
  let onTold: (id: string, lastMs: number) => void = () => undefined
  let onNews: (news: CrowdNews) => void = () => undefined
  child.on('message', (message) => {
    const news = crowdNews.parse(message)
    if (news.news === 'told') onTold(news.id, news.last_ms)
    else onNews(news)
  })
  child.on('exit', (code) => {
    if (code !== 0 && code !== null) throw new Error('The crowd of readers broke down; the reason stands above.')
  })
  const next = <K extends CrowdNews['news']>(kind: K) =>
    new Promise<Extract<CrowdNews, { news: K }>>((resolve) => {
      onNews = (news) => {
        if (news.news === kind) resolve(news as Extract<CrowdNews, { news: K }>)
      }
    })
  return {
    async open({ url, authorization }, path, readers) {
      const opened = next('open')
      order({ order: 'open', readers, port: Number(new URL(url).port), path, authorization })
      return (await opened).ms
    },
    onTold(listener) {
      onTold = listener
    },
    leave() {
      const closed = next('closed')
      order({ order: 'close' })
      return closed
    },
    async end() {
      const exit = once(child, 'exit')
      child.kill()
      await exit
    },
  }
}

/** What a process has used until now. */
export interface Usage {
  readonly cpu_s: number
  readonly rss_bytes: number
  /** How long its main thread was ready and no processor was free; null where the kernel does not count that. */
  readonly waited_s: number | null
}

/** Null where the system does not tell. */
export function usageOf(pid: number): Usage | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    // In ticks of 10 ms on every Linux that Node runs on.
    const cpu_s = (Number(fields[11]) + Number(fields[12])) / 100
    return { cpu_s, rss_bytes: Number(rss) * 1_024, waited_s: waitedOf(pid) }
  } catch {
    return null
  }
}

function waitedOf(pid: number): number | null {
  try {
    // Nanoseconds on a processor, nanoseconds in the queue for one, and how often.
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e9
  } catch {
    return null
  }
}
