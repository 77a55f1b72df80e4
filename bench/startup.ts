import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { asRatio, inMegabytes, median } from './figures.ts'
import { measureProcess, root } from './measure-process.ts'

const ready = z.object({ url: z.string() })
/** By then it has looked around and nothing happens any more. */
const IDLE_AFTER_MS = 2_000

/** One start. Times are ms. */
interface Start {
  /** To the first answer over HTTP. */
  readonly ms: number
  /** What the main thread worked until then: the same whatever else the machine does. 0 where the system does not tell. */
  readonly cpu_ms: number
  /** Memory that it holds when idle. */
  readonly idle_bytes: number
}

async function firstAnswer(line: string): Promise<void> {
  const { url } = ready.parse(JSON.parse(line))
  const answer = await fetch(`${url}/health`)
  await answer.text()
  if (!answer.ok) throw new Error(`${url}/health answered with ${answer.status}`)
}

function cpuMs(pid: number): number {
  const file = `/proc/${pid}/schedstat`
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[0]) / 1e6 : 0
}

function heldBytes(pid: number): number {
  const file = `/proc/${pid}/status`
  const found = existsSync(file) ? /VmRSS:\s+(\d+) kB/.exec(readFileSync(file, 'utf8')) : null
  return Number(found?.[1] ?? 0) * 1024
}

async function start(args: readonly string[]): Promise<Start> {
  let cpu_ms = 0
  let idle_bytes = 0
  const { ms } = await measureProcess(args, {
    until: firstAnswer,
    async afterwards(pid) {
      cpu_ms = cpuMs(pid)
      await sleep(IDLE_AFTER_MS)
      idle_bytes = heldBytes(pid)
    },
  })
  return { ms, cpu_ms, idle_bytes }
}

/** From the start of `baton serve` to its first answer, against a bare server on SQLite, by turns. */
export async function benchStartup(rounds: number): Promise<string[]> {
  const serve: Start[] = []
  const bare: Start[] = []
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await start([join(import.meta.dirname, 'bare-server.mjs')]))
    serve.push(await start([join(root, 'bin', 'baton.cjs'), 'serve', '--port', '0']))
  }
  const of = (starts: readonly Start[], figure: keyof Start): number => median(starts.map((one) => one[figure]))
  const line = (figure: 'ms' | 'cpu_ms'): string => {
    const [own, least] = [of(serve, figure), of(bare, figure)]
    return `serve_${figure}=${own.toFixed(0)} bare_${figure}=${least.toFixed(0)} ratio=${asRatio(own, least)}`
  }
  const [idle, bareIdle] = [of(serve, 'idle_bytes'), of(bare, 'idle_bytes')]
  return [
    `startup to the first answer: ${line('ms')}`,
    `startup work until then: ${line('cpu_ms')}`,
    `idle memory: serve_mb=${inMegabytes(idle)} bare_mb=${inMegabytes(bareIdle)} ratio=${asRatio(idle, bareIdle)}`,
  ]
}
