import { ok } from '#contract/result.ts'
import type { Service } from '#contract/service.ts'
import type { OwnService } from '#contract/service-start.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Core, Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import { later } from '../later.ts'
import { labelOf } from '../model/known-providers.ts'
import type { ProviderHealth } from '../model/provider.ts'
import type { ProviderBoard, ProviderStatus } from '../model/provider-status.ts'
import { refuse } from '../refusal.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

const CHECK_TIMEOUT_MS = 5_000

/** What can be watched: a provider of models, or another local server. */
export interface WatchedService {
  readonly id: string
  /** Where the id alone does not tell. */
  readonly label?: string
  readonly paid: boolean
  check(signal: AbortSignal): Promise<ProviderHealth>
}

/**
 * Watches the services that Baton depends on (H1). Local ones are asked every 30 s, which loads no model; paid ones only at
 * start, when a key changes, on demand, and while they are down without anybody's fault, as before the network is there:
 * work that waits for them goes on when they are back (H2). Otherwise they show the outcome of the last real call.
 */
export interface HealthMonitor {
  readonly services: Pick<Core['services'], 'list' | 'check'>
  check(provider: string): Promise<void>
  checkAll(): Promise<void>
  start(interval_ms?: number): void
  stop(): void
}

export function createHealthMonitor(
  store: Store,
  events: EventLog,
  board: ProviderBoard,
  watched: () => readonly WatchedService[],
  settings: SettingsStore,
  log: Log,
  ownOf: (name: string) => OwnService | null = () => null,
): HealthMonitor {
  let timer: NodeJS.Timeout | undefined
  const healing = new Set<string>()
  const toldUntil = new Map<string, number>()
  const seen = new Set<string>()
  const find = (name: string): WatchedService | undefined => watched().find((service) => service.id === name)

  board.onChange((name, status) => {
    // That nobody has set a provider up is no news at each start.
    const isNews = seen.has(name) || status.state !== 'not_configured'
    seen.add(name)
    if (!isNews) return
    log.info('A service changed', { service: name, state: status.state, detail: status.detail })
    store
      .write((tx) => {
        events.append(tx, 'service.state', {}, { name, state: status.state, detail: status.detail })
        noteHold(tx, name, status)
        // Remembered over a restart: work of a local model is not given to a paid one because its server is down then.
        const hasModels = find(name)?.paid === false && name !== 'demo' && status.models.length > 0
        if (hasModels && status.state === 'healthy') settings.setFoundModels(tx, name, status.models)
      })
      .catch((cause: unknown) => log.error('A service change could not be written down', { error: String(cause) }))
  })

  /** A rate limit holds over a restart too: the provider counts on (E3). */
  function noteHold(tx: Tx, provider: string, { held_until, held_reason }: ProviderStatus): void {
    const told = toldUntil.get(provider) ?? null
    if (held_until === told) return
    if (held_until === null) toldUntil.delete(provider)
    else {
      toldUntil.set(provider, held_until)
      events.append(tx, 'provider.held', {}, { provider, until: toTimestamp(held_until), reason: held_reason })
    }
    settings.setProviderHolds(tx, board.holds())
  }

  /** Where everything stays local, paid providers are not even asked how they are (R7). */
  function isOffLimits(service: WatchedService): boolean {
    return service.paid && settings.settings().local_only
  }

  function view(provider: WatchedService): Service {
    const status = board.get(provider.id)
    return {
      name: provider.id,
      label: provider.label ?? labelOf(provider.id),
      paid: provider.paid,
      state: status.held_until === null ? status.state : 'degraded',
      detail: status.held_until === null ? status.detail : later('Goes on', status.held_until, status.held_reason),
      since: toTimestampOrNull(status.held_since ?? status.since),
      checked_at: toTimestampOrNull(status.checked_at),
      heals: !provider.paid || status.held_until !== null || healing.has(provider.id),
      last_error:
        status.last_error === null
          ? null
          : { at: toTimestamp(status.last_error.at), message: status.last_error.message },
      own: ownOf(provider.id),
    }
  }

  async function check(name: string): Promise<void> {
    const provider = find(name)
    if (provider === undefined || isOffLimits(provider)) return
    const { may_heal = false, ...health } = await provider.check(AbortSignal.timeout(CHECK_TIMEOUT_MS))
    if (may_heal) healing.add(name)
    else healing.delete(name)
    board.report(name, health)
  }

  function isAwaited(name: string): boolean {
    return healing.has(name) && board.get(name).state === 'down'
  }

  async function checkAll(): Promise<void> {
    await Promise.all(watched().map((service) => check(service.id)))
  }

  return {
    check,
    checkAll,
    start(interval_ms = settings.settings().health_check_ms) {
      timer = setInterval(() => {
        const asked = watched().filter(({ id, paid }) => !paid || isAwaited(id))
        Promise.all(asked.map((service) => check(service.id))).catch((cause: unknown) =>
          log.error('A health check failed', { error: String(cause) }),
        )
      }, interval_ms)
      timer.unref()
    },
    stop: () => clearInterval(timer),
    services: {
      list: () =>
        watched()
          .filter((service) => service.id !== 'demo')
          .map(view),
      async check(name) {
        const provider = find(name)
        if (provider === undefined) return refuse('not_found', `There is no service ${name}.`)
        if (isOffLimits(provider)) {
          return refuse(
            'conflict',
            `Everything stays local, so ${labelOf(name)} is not asked. Allow paid models under Settings, Limits first.`,
          )
        }
        await check(name)
        // A person has often just made room.
        board.wake(name)
        return ok(view(provider))
      },
    },
  }
}
