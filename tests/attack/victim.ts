import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type CliBench, createCliBench } from '../conformance/cli-process.ts'

const readyLine = z.object({ url: z.string(), token_file: z.string(), pid: z.number() })
const described = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })

/** What the OpenAPI document of a served core names. */
export async function routesOf(url: string, token: string): Promise<Route[]> {
  const answer = await fetch(`${url}/api/openapi.json`, { headers: { authorization: `Bearer ${token}` } })
  return Object.entries(described.parse(await answer.json()).paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
}

export interface Route {
  readonly method: string
  /** Below `/api`, with `{id}` and the like in it. */
  readonly path: string
  readonly operation: unknown
}

/** A real `baton serve` in a process and a data folder of its own, which an attack may end or spoil. */
export interface Victim {
  readonly bench: CliBench
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly token: string
  /** What the OpenAPI document names. */
  routes(): Promise<Route[]>
  /** Whether the process still lives. */
  isAlive(): boolean
  /** Resident memory in bytes; null where the system does not say. */
  memory(): number | null
  /** Ends `serve` as Ctrl+C does; the data folder stays. */
  stop(): Promise<number | null>
  close(): Promise<void>
}

export async function startVictim(env: Record<string, string> = {}, bench = createCliBench()): Promise<Victim> {
  const served = bench.start(['serve', '--port', '0'], env)
  const [line] = (await Promise.race([
    once(served.lines, 'line'),
    served.ended.then(({ stderr }) => {
      throw new Error(`serve ended: ${stderr}`)
    }),
  ])) as [string]
  const { url, token_file, pid } = readyLine.parse(JSON.parse(line))
  const token = readFileSync(token_file, 'utf8').trim()
  return {
    bench,
    url,
    port: Number(new URL(url).port),
    pid,
    token,
    routes: () => routesOf(url, token),
    isAlive: () => served.child.exitCode === null && served.child.signalCode === null,
    memory() {
      try {
        return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
      } catch {
        return null
      }
    },
    async stop() {
      served.child.kill('SIGINT')
      return (await served.ended).code
    },
    close: () => bench.close(),
  }
}
