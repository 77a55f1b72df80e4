import { isAbsolute } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { err, ok, type Result } from '#contract/result.ts'
import type { OwnService, StartableService, StartCommand } from '#contract/service-start.ts'
import { startableService } from '#contract/service-start.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import { type Breaker, createBreaker } from '../model/breaker.ts'
import type { ProviderBoard } from '../model/provider-status.ts'
import type { Child, Children } from '../process/children.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'

/**
 * Servers that Baton starts by a command that a person entered (H4). They are children of this core (decision 0025): on
 * record before they do anything, ended with it, and ended by the next core where this one dies.
 */
export interface ServiceRunner {
  /** Null where nobody said how to start it. */
  view(name: string): OwnService | null
  log(name: string): readonly string[]
  isRunning(name: string): boolean
  /** Starts it; answers once it is on record and let go, not once it answers. The error is for a user. */
  start(name: string): Promise<Result<void, string>>
  /** Ends it and all that it started. */
  stop(name: string): Promise<Result<void, string>>
  /** Work needs it: it is started where it is not there and may be. Answers once it is. */
  want(name: string): Promise<void>
  /** Those that are to be there whenever Baton is. */
  startAll(): void
  /** Ends all, and starts none any more. */
  close(): Promise<void>
}

export interface ServiceRunnerParts {
  readonly store: Store
  readonly events: EventLog
  readonly settings: SettingsStore
  readonly board: ProviderBoard
  readonly children: Pick<Children, 'start'>
  readonly log: Log
  /** All of the environment that a server gets. */
  readonly environment: Readonly<Record<string, string>>
  check(name: string): Promise<void>
  /** How often a server that starts is looked at, in ms. */
  readonly look_ms?: number
}

interface Running {
  readonly child: Child
  readonly since: number
}

interface Known {
  running: Running | null
  starting: boolean
  stopping: boolean
  endedAt: number | null
  detail: string
  readonly lines: string[]
  /** Keeps a server that ends again and again from being started again and again. */
  readonly breaker: Breaker
}

const LOG_LINES = 200
const MAX_LINE = 1_000
const LOOK_MS = 1_000
/** A large model server takes minutes to load. */
const LOOKS = 300
/** A server that ends within this time was not well. */
const SHORT_LIFE_MS = 30_000
const RESTS = { failures: 1, base_ms: 30_000, cap_ms: 600_000 }

export function createServiceRunner(parts: ServiceRunnerParts): ServiceRunner {
  const { store, events, settings, board, children, log } = parts
  const services = new Map<StartableService, Known>()
  const closing = new AbortController()

  function known(name: StartableService): Known {
    const found = services.get(name) ?? {
      running: null,
      starting: false,
      stopping: false,
      endedAt: null,
      detail: '',
      lines: [],
      breaker: createBreaker(),
    }
    services.set(name, found)
    return found
  }

  function commandOf(name: string): { id: StartableService; command: StartCommand } | null {
    const id = startableService.safeParse(name)
    const command = id.success ? settings.startCommands()[id.data] : undefined
    return id.success && command !== undefined ? { id: id.data, command } : null
  }

  function tell(name: string, state: 'started' | 'ended' | 'failed', detail: string): void {
    log[state === 'started' ? 'info' : 'warn'](`A server ${state}`, { service: name, detail })
    store
      .write((tx) => void events.append(tx, 'service.process', {}, { name, state, detail }))
      .catch((cause: unknown) => log.error('The start of a server could not be written down', { error: String(cause) }))
  }

  function keep(service: Known, stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => {
      service.lines.push(line.slice(0, MAX_LINE))
      if (service.lines.length > LOG_LINES) service.lines.shift()
    })
  }

  async function start(name: string): Promise<Result<void, string>> {
    const found = commandOf(name)
    if (found === null) return err(`Baton does not know how to start ${name}. Enter its start command under Services.`)
    const service = known(found.id)
    if (closing.signal.aborted) return err('Baton is stopping.')
    if (service.running !== null || service.starting) return ok(undefined)
    service.starting = true
    const started = await spawn(found.id, found.command, service).finally(() => {
      service.starting = false
    })
    if (!started.ok) {
      service.detail = started.error
      service.breaker.failed(Date.now(), RESTS)
      tell(name, 'failed', started.error)
    }
    return started
  }

  async function spawn(name: StartableService, start: StartCommand, service: Known): Promise<Result<void, string>> {
    const [program = '', ...args] = start.command
    const { environment } = parts
    const cwd = start.folder ?? environment['HOME'] ?? '/'
    if (!isAbsolute(cwd)) return err(`The folder ${cwd} is not absolute. Correct it under Services.`)
    service.lines.length = 0
    const made = await children.start({ program, args, cwd, env: environment, what: `${name}: ${program}` })
    if (!made.ok) return made
    const child = made.value
    service.running = { child, since: Date.now() }
    service.detail = ''
    keep(service, child.process.stdout)
    keep(service, child.process.stderr)
    // Its output is closed after it has ended, so its last words are there by then.
    child.process.once('close', (code, signal) => ended(name, service, code, signal))
    if (closing.signal.aborted) await child.end()
    // Not its arguments: there may be a key among them.
    tell(name, 'started', `${program} (process ${child.process.pid ?? '?'})`)
    void lookUntilThere(name, service, child)
    return ok(undefined)
  }

  function ended(name: StartableService, service: Known, code: number | null, signal: NodeJS.Signals | null): void {
    const lived = Date.now() - (service.running?.since ?? 0)
    const how = signal === null ? `with code ${code ?? '?'}` : `by ${signal}`
    const last = service.lines.at(-1)
    service.running = null
    service.endedAt = Date.now()
    const seconds = Math.round(lived / 1_000)
    const background = 'What it left running in the background, if it did, is not Baton’s to restart.'
    service.detail = service.stopping
      ? 'Stopped by Baton.'
      : code === 0
        ? `Its command ended ${how} after ${seconds} s. ${background}`
        : `It ended by itself ${how} after ${seconds} s${last === undefined ? '.' : `; its last words: ${last}`}`
    if (!service.stopping && lived < SHORT_LIFE_MS) service.breaker.failed(Date.now(), RESTS)
    if (!closing.signal.aborted) {
      tell(name, 'ended', service.detail)
      void look(name)
    }
  }

  async function look(name: string): Promise<void> {
    try {
      await parts.check(name)
    } catch (cause) {
      log.error('A health check failed', { error: String(cause) })
    }
  }

  /** So that what waits for it goes on as soon as it answers, and not at the next round of checks. */
  async function lookUntilThere(name: StartableService, service: Known, child: Child): Promise<void> {
    for (let looks = 0; looks < LOOKS && service.running?.child === child; looks += 1) {
      await delay(parts.look_ms ?? LOOK_MS, undefined, { signal: closing.signal }).catch(() => undefined)
      if (closing.signal.aborted || service.running?.child !== child) return
      await look(name)
      const { state } = board.get(name)
      if (state !== 'healthy' && state !== 'degraded') continue
      service.breaker.worked()
      return
    }
  }

  async function stop(name: string): Promise<Result<void, string>> {
    const id = startableService.safeParse(name)
    const service = id.success ? known(id.data) : null
    const running = service?.running ?? null
    if (service === null || running === null) return ok(undefined)
    service.stopping = true
    const closed = new Promise<void>((resolve) => running.child.process.once('close', () => resolve()))
    const { left } = await running.child.end()
    if (left.length > 0) {
      service.stopping = false
      const pids = left.map((each) => each.pid).join(', ')
      return err(`${name} does not end (process ${pids}). End it yourself.`)
    }
    await closed
    service.stopping = false
    return ok(undefined)
  }

  /** Work needs it and it is not there. */
  async function want(name: string): Promise<void> {
    const found = commandOf(name)
    if (found === null || found.command.when === 'by_hand' || closing.signal.aborted) return
    const service = known(found.id)
    if (service.running !== null || service.starting) return
    // One that answers was started by somebody else.
    const { state } = board.get(name)
    if (state === 'healthy' || state === 'degraded') return
    if (!service.breaker.ask(Date.now()).ok) return
    await start(name)
  }

  board.onWant((name) => void want(name))
  return {
    view(name) {
      const found = startableService.safeParse(name)
      if (!found.success) return null
      const command = settings.startCommands()[found.data] ?? null
      const service = services.get(found.data)
      if (command === null && service === undefined) return null
      const running = service?.running ?? null
      return {
        start: command,
        state: running !== null ? 'running' : service?.endedAt == null ? 'not_started' : 'ended',
        pid: running?.child.process.pid ?? null,
        since: running === null ? toTimestampOrNull(service?.endedAt ?? null) : toTimestamp(running.since),
        detail: service?.detail ?? '',
      }
    },
    log(name) {
      const found = startableService.safeParse(name)
      return found.success ? [...(services.get(found.data)?.lines ?? [])] : []
    },
    isRunning(name) {
      const found = startableService.safeParse(name)
      return found.success && (services.get(found.data)?.running ?? null) !== null
    },
    start,
    stop,
    want,
    startAll() {
      for (const [name, command] of Object.entries(settings.startCommands())) {
        if (command.when === 'at_start') void want(name)
      }
    },
    async close() {
      closing.abort()
      await Promise.all([...services.keys()].map(stop))
    },
  }
}
