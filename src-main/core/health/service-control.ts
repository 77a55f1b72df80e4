import { setTimeout as delay } from 'node:timers/promises'
import { ok, type Result } from '#contract/result.ts'
import type { Service } from '#contract/service.ts'
import { type ServiceAction, type StartCommand, startableService } from '#contract/service-start.ts'
import type { Core } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { TenantId } from '../gpu/tenant.ts'
import { inGigabytes } from '../gpu/tenant.ts'
import type { ProviderBoard } from '../model/provider-status.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { ServiceRunner } from './service-runner.ts'

/** What a person can have done with a server: start, restart and stop ours, and have others give the card back (H4). */
export interface ServiceControl extends Pick<Core['services'], 'restart' | 'stop' | 'log' | 'setStart'> {
  /** Starts those of these that are started on demand, and waits until one answers. False where none is or does. */
  startFor(names: readonly string[]): Promise<boolean>
}

export interface ServiceControlParts {
  readonly store: Store
  readonly events: EventLog
  readonly settings: SettingsStore
  readonly board: ProviderBoard
  readonly runner: ServiceRunner
  check(name: string): Promise<void>
  find(name: string): Service | undefined
  /** Has a server unload its models; answers with the bytes that came back. */
  free(side: TenantId): Promise<Result<number, string>>
}

/** How long a plan waits for a server that is started for it. */
const START_MS = 60_000
const LOOK_MS = 250

export function createServiceControl(parts: ServiceControlParts): ServiceControl {
  const { store, events, settings, board, runner } = parts

  const isThere = (name: string): boolean => ['healthy', 'degraded'].includes(board.get(name).state)

  async function startOurs(name: string, label: string): Promise<Result<ServiceAction, Refusal>> {
    const started = await runner.start(name)
    if (!started.ok) return refuse('conflict', started.error)
    return ok({ action: 'started', message: `${label} was started. Work that waits for it goes on when it answers.` })
  }

  /** It runs and is not ours: what can be done is said, and done only with the user's consent. */
  async function freeOther(side: TenantId, label: string, consent: boolean): Promise<Result<ServiceAction, Refusal>> {
    const notOurs = `Baton has not started this ${label}, so it cannot restart it.`
    if (!consent) {
      return refuse(
        'conflict',
        `${notOurs} With your consent it has it unload its models and give the card's memory back; what it works on is not ended.`,
        { needs_consent: true },
      )
    }
    const freed = await parts.free(side)
    if (!freed.ok) return refuse('conflict', `${notOurs} It did not give the card back either: ${freed.error}`)
    const what =
      freed.value === 0 ? 'It held no model.' : `It unloaded its models: ${inGigabytes(freed.value)} came back.`
    return ok({ action: 'freed', message: `${notOurs} ${what}` })
  }

  return {
    async restart(name, consent) {
      const service = parts.find(name)
      if (service === undefined) return refuse('not_found', `There is no service ${name}.`)
      const { label } = service
      const id = startableService.safeParse(name)
      if (!id.success)
        return refuse('conflict', `${label} does not run on this machine, so it cannot be restarted here.`)
      if (runner.isRunning(name)) {
        const stopped = await runner.stop(name)
        if (!stopped.ok) return refuse('conflict', stopped.error)
        const started = await startOurs(name, label)
        return started.ok ? ok({ action: 'restarted', message: `${label} was restarted.` }) : started
      }
      await parts.check(name)
      if (!isThere(name)) {
        if (settings.startCommands()[id.data] !== undefined) return startOurs(name, label)
        return refuse(
          'conflict',
          `${label} does not answer, and Baton does not know how to start it. Start it yourself, or enter its start command under Services.`,
        )
      }
      if (id.data === 'ollama' || id.data === 'comfyui') return freeOther(id.data, label, consent)
      return refuse(
        'conflict',
        `Baton has not started this ${label}, so it cannot restart it, and it cannot be told to unload its model. Restart it where it was started.`,
      )
    },
    async stop(name) {
      const service = parts.find(name)
      if (service === undefined) return refuse('not_found', `There is no service ${name}.`)
      if (!runner.isRunning(name)) {
        return refuse('conflict', `Baton has not started this ${service.label}, so it does not end it.`)
      }
      const stopped = await runner.stop(name)
      if (!stopped.ok) return refuse('conflict', stopped.error)
      return ok({ action: 'stopped', message: `${service.label} was stopped. Work that needs it waits.` })
    },
    log(name) {
      if (parts.find(name) === undefined) return refuse('not_found', `There is no service ${name}.`)
      return ok({ lines: [...runner.log(name)] })
    },
    async setStart(name, start: StartCommand | null) {
      const id = startableService.safeParse(name)
      const service = parts.find(name)
      if (!id.success || service === undefined)
        return refuse('not_found', `There is no server ${name} that Baton could start.`)
      await store.tryWrite((tx) => {
        settings.setStartCommand(tx, id.data, start)
        events.append(tx, 'settings.changed', {}, { keys: ['start_commands'] })
      })
      return ok(parts.find(name) ?? service)
    },
    async startFor(names) {
      const commands = settings.startCommands()
      const wanted = names.filter((name) => {
        const id = startableService.safeParse(name)
        return id.success && commands[id.data] !== undefined && commands[id.data]?.when !== 'by_hand'
      })
      await Promise.all(wanted.map(runner.want))
      const end = Date.now() + START_MS
      while (wanted.some(runner.isRunning) && Date.now() < end) {
        if (wanted.some(isThere)) return true
        await delay(LOOK_MS)
      }
      return wanted.some(isThere)
    },
  }
}
