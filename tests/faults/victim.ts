import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ChildOptions } from './core-child.ts'

/** When a core is killed: by itself at a failpoint, after it told of so many events, or some time after its start. */
export type Death =
  | { readonly kind: 'failpoint'; readonly name: string }
  | { readonly kind: 'events'; readonly count: number; readonly delay_ms: number }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'none' }

export interface VictimEnd {
  readonly killed: boolean
  /** All work was done, and it ended in order. */
  readonly drained: boolean
  /** How often a limit was raised. */
  readonly raised: number
  /** The last event that it told of; 0 where it told of none. */
  readonly last_seq: number
  /** From its start until it had recovered and could work; null where it died before. */
  readonly up_ms: number | null
  /** Errors in its log. */
  readonly errors: readonly string[]
  /** What went wrong, where it ended in any other way. */
  readonly fault: string
}

/** No core takes this long; one that does hangs. */
const STUCK_MS = 600_000

/** Runs a core until it is killed or done. */
export async function runVictim(
  file: string,
  options: Omit<ChildOptions, 'failpoints'>,
  death: Death,
): Promise<VictimEnd> {
  const failpoints = death.kind === 'failpoint' ? [death.name] : []
  const started = performance.now()
  const child = spawn(process.execPath, [file, JSON.stringify({ ...options, failpoints })], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // What is taken back goes into a trash, which must not be the user's.
    env: {
      ...process.env,
      XDG_DATA_HOME: join(dirname(options.data_dir), 'home'),
      // A thousand starts of the same program.
      NODE_COMPILE_CACHE: join(dirname(file), 'compiled'),
    },
  })
  const kill = (): void => void child.kill('SIGKILL')
  let stuck = false
  const timers = [setTimeout(() => (stuck = child.kill('SIGKILL')), STUCK_MS)]
  if (death.kind === 'time') timers.push(setTimeout(kill, death.ms))

  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const errors: string[] = []
  const seen = { events: 0, last_seq: 0, raised: 0, drained: false, fault: '', up_ms: null as number | null }
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word = '', rest = ''] = line.split(/ (.*)/)
    if (word === 'up') seen.up_ms = performance.now() - started
    else if (word === 'raised') seen.raised += 1
    else if (word === 'drained') seen.drained = true
    else if (word === 'failed') seen.fault = rest
    else if (word === 'error') errors.push(rest)
    else if (word === 'event') {
      seen.events += 1
      seen.last_seq = Number(rest)
      if (death.kind === 'events' && seen.events === death.count) timers.push(setTimeout(kill, death.delay_ms))
    }
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  for (const timer of timers) clearTimeout(timer)
  const { drained, raised, last_seq, up_ms } = seen
  return { killed: signal === 'SIGKILL' && !stuck, drained, raised, last_seq, up_ms, errors, fault: faultOf() }

  function faultOf(): string {
    if (stuck) return `It was not done after ${STUCK_MS / 1_000} s. ${stderr}`
    if (signal === 'SIGKILL' || (code === 0 && seen.drained)) return ''
    return `It ended with ${signal ?? code}. ${seen.fault} ${stderr}`.trim()
  }
}
