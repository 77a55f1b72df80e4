import type { GpuStatus } from '#contract/gpu.ts'
import { encodeId } from '#contract/ids.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { toTimestamp } from '#contract/time.ts'
import type { Log } from '../core.ts'
import type { LeaseRow } from '../lock/lease-store.ts'
import type { Leases, ProcessIdentity } from '../lock/leases.ts'
import type { Tenant, TenantId } from './tenant.ts'

/** Who asks for the card, for one step. */
export interface Visitor {
  /** Tasks are sent away and called when it is their side's turn; what belongs to no task waits on the spot. */
  readonly task_id: number | null
  readonly title: string
  readonly signal: AbortSignal
}

/** `leave` is to be called once, when the step is over. */
export type Entry = { readonly ok: true; leave(): void } | { readonly ok: false; readonly reason: string }

/**
 * One card, two tenants (H3). The card is free, or one side has it, or it turns over to the other.
 *
 * - A side has it for a batch: as long as work of its kind comes, at most `batchMs` while the other side waits.
 * - Turning: the leases (`gpu:0` …) are given back and asked for anew, so that scripts that wait for it get their turn; the other
 *   side is told to unload, and the card is given only when that was seen. What fails is told and tried again later, and
 *   the side that still has its models goes on meanwhile.
 * - Nothing ends work that is under way: a turn begins only when no step of the other side is on the card.
 *
 * The executor says when nothing of its work can come by itself any more (`rest`); a batch ends there, not after a time.
 */
export interface GpuCard {
  enter(side: TenantId, who: Visitor): Promise<Entry>
  /** The executor has nothing to do at the moment. */
  rest(): void
  /** Called with tasks whose side has the card now. */
  onCall(listener: (taskIds: readonly number[]) => void): void
  status(): Omit<GpuStatus, 'vram' | 'models' | 'cards'>
  close(): void
}

export interface GpuCardParts {
  readonly tenants: Readonly<Record<TenantId, Tenant>>
  readonly leases: Pick<Leases, 'acquire' | 'release' | 'list'>
  readonly self: ProcessIdentity
  readonly log: Log
  /** The leases that a side needs for its cards. */
  resources(side: TenantId): readonly string[]
  /** Why the two do not share a card, so that nothing has to be kept apart; null where they may. */
  whyApart(): string | null
  batchMs(): number
  /** Whether work that runs now may still come to the card by itself. `called`: tasks that were sent for and have not come. */
  isExpected(called: ReadonlySet<number>): boolean
  /** Those of these tasks that still wait, or are about to. */
  stillWaiting(taskIds: readonly number[]): readonly number[]
  readonly retry_ms?: number
}

const OTHER = { ollama: 'comfyui', comfyui: 'ollama' } as const
const LEASE_WAIT_MS = 86_400_000
const STOPPING = 'Baton is stopping.'
const SLOW_LEASE_MS = 5_000
const RETRY_MS = 5_000
const MAX_RETRY_MS = 60_000

interface Guest extends Visitor {
  readonly since: number
  /** For those who wait on the spot. */
  readonly resolve: ((entry: Entry) => void) | null
}

type Phase =
  | { readonly kind: 'free' }
  | {
      readonly kind: 'held'
      readonly side: TenantId
      readonly since: number
      readonly leases: readonly LeaseRow[]
      /** Steps that this batch has let in. */
      entered: number
    }
  | { readonly kind: 'turning'; readonly side: TenantId; readonly since: number }

export function createGpuCard(parts: GpuCardParts): GpuCard {
  const { tenants, leases, log } = parts
  const closing = new AbortController()
  const users = new Map<symbol, Visitor & { readonly side: TenantId }>()
  const waiting: Record<TenantId, Map<number | symbol, Guest>> = { ollama: new Map(), comfyui: new Map() }
  const listeners: ((taskIds: readonly number[]) => void)[] = []
  let phase: Phase = { kind: 'free' }
  let called = new Set<number>()
  let bound: NodeJS.Timeout | undefined
  let retry: NodeJS.Timeout | undefined
  let trouble: { side: TenantId; message: string; tries: number; until: number } | null = null
  /** Why a turn takes long; empty where it does not. */
  let blockedBy = ''
  let swaps = 0
  let lastSwapMs: number | null = null

  function admit(side: TenantId, who: Visitor): Entry {
    const key = Symbol(side)
    users.set(key, { ...who, side })
    if (phase.kind === 'held') phase.entered += 1
    if (who.task_id !== null) called.delete(who.task_id)
    return {
      ok: true,
      leave() {
        if (!users.delete(key) || users.size > 0 || phase.kind !== 'held') return
        if (mustYield()) turnTo(OTHER[phase.side])
      },
    }
  }

  /** Whether the side that has the card had it for long enough while the other waits. */
  function mustYield(): boolean {
    // A batch does at least one step, or the sides would only hand the card to each other.
    if (phase.kind !== 'held' || phase.entered === 0) return false
    const other = OTHER[phase.side]
    return waiting[other].size > 0 && canTry(other) && Date.now() - phase.since >= parts.batchMs()
  }

  function canTry(side: TenantId): boolean {
    return trouble === null || trouble.side !== side || trouble.until <= Date.now()
  }

  async function enter(side: TenantId, who: Visitor): Promise<Entry> {
    if (closing.signal.aborted) return { ok: false, reason: STOPPING }
    if (parts.whyApart() !== null) return { ok: true, leave: () => undefined }
    if (phase.kind === 'held' && phase.side === side && !mustYield()) return admit(side, who)
    const isOurs = phase.kind === 'free' || (phase.kind === 'turning' && phase.side === side)
    // Who would only be sent away to come again at once waits on the spot.
    const staysHere = who.task_id === null || (isOurs && canTry(side) && blockedBy === '')
    const entry = staysHere ? waitHere(side, who) : sendAway(side, who)
    if (phase.kind === 'free') consider()
    else setBound()
    return entry
  }

  function sendAway(side: TenantId, who: Visitor): Entry {
    const { task_id } = who
    // Who comes again, because something else woke it, keeps its place.
    const since = task_id === null ? undefined : waiting[side].get(task_id)?.since
    if (task_id !== null) waiting[side].set(task_id, { ...who, since: since ?? Date.now(), resolve: null })
    return { ok: false, reason: reasonFor(side) }
  }

  function waitHere(side: TenantId, who: Visitor): Promise<Entry> {
    const key = Symbol(side)
    return new Promise((resolve) => {
      const settle = (entry: Entry): void => {
        who.signal.removeEventListener('abort', onAbort)
        resolve(entry)
      }
      const onAbort = (): void => {
        waiting[side].delete(key)
        settle({ ok: false, reason: 'It was stopped while it waited for the GPU.' })
      }
      waiting[side].set(key, { ...who, since: Date.now(), resolve: settle })
      who.signal.addEventListener('abort', onAbort, { once: true })
      if (who.signal.aborted) onAbort()
    })
  }

  /** The batch ends at its bound also when work goes on coming. */
  function setBound(): void {
    if (phase.kind !== 'held' || bound !== undefined) return
    const left = phase.since + parts.batchMs() - Date.now()
    bound = setTimeout(
      () => {
        bound = undefined
        if (phase.kind === 'held' && users.size === 0 && mustYield()) turnTo(OTHER[phase.side])
      },
      Math.max(0, left),
    )
    bound.unref()
  }

  function consider(): void {
    if (closing.signal.aborted || phase.kind === 'turning' || users.size > 0) return
    forgetTheGone()
    if (phase.kind === 'held') {
      if (parts.isExpected(called)) return
      const other = OTHER[phase.side]
      if (waiting[other].size > 0 && canTry(other)) turnTo(other)
      else void giveBack(phase.leases)
      return
    }
    const next = oldest()
    if (next !== null) turnTo(next)
  }

  /** Tasks that were cancelled, or found another way, do not wait any more. */
  function forgetTheGone(): void {
    for (const guests of [waiting.ollama, waiting.comfyui]) {
      const away = [...guests.keys()].filter((key) => typeof key === 'number')
      if (away.length === 0) continue
      const left = new Set(parts.stillWaiting(away))
      for (const id of away) if (!left.has(id)) guests.delete(id)
    }
  }

  /** The side whose first guest waits longest, of those that can be tried now. */
  function oldest(): TenantId | null {
    const sides = (['ollama', 'comfyui'] as const).filter((side) => waiting[side].size > 0 && canTry(side))
    const since = (side: TenantId): number => Math.min(...[...waiting[side].values()].map((guest) => guest.since))
    return sides.sort((a, b) => since(a) - since(b))[0] ?? null
  }

  /** Nobody uses the card and nobody waits: others may have it. Its models stay loaded meanwhile. */
  async function giveBack(held: readonly LeaseRow[]): Promise<void> {
    setPhase({ kind: 'free' })
    await release(held)
    // Somebody may have come meanwhile.
    if (phase.kind === 'free') consider()
  }

  async function release(held: readonly LeaseRow[]): Promise<void> {
    for (const lease of held) await leases.release(lease.id, lease.owner)
  }

  /** All leases of a side, in one order for everybody, so that no two wait for each other. */
  async function acquire(side: TenantId, signal: AbortSignal): Promise<Result<LeaseRow[], string>> {
    const got: LeaseRow[] = []
    for (const resource of [...parts.resources(side)].sort()) {
      const lease = await leases.acquire(
        {
          resource,
          owner: `baton:${side}`,
          purpose: `${tenants[side].label} works for ${countOf(side)}`,
          process: parts.self,
          priority: 1,
          ttl_ms: null,
          capacity: 1,
        },
        LEASE_WAIT_MS,
        signal,
      )
      if (!lease.ok) {
        await release(got)
        return err(lease.error.message)
      }
      got.push(lease.value)
    }
    return ok(got)
  }

  function setPhase(next: Phase): void {
    clearTimeout(bound)
    bound = undefined
    phase = next
  }

  function turnTo(side: TenantId): void {
    if (closing.signal.aborted) return
    const held = phase.kind === 'held' ? phase.leases : []
    setPhase({ kind: 'turning', side, since: Date.now() })
    called = new Set()
    turn(side, held).catch((cause: unknown) => {
      log.error('The GPU could not be turned over', { error: String(cause) })
      fail(side, `Baton itself failed here: ${String(cause)}.`)
    })
  }

  async function turn(side: TenantId, held: readonly LeaseRow[]): Promise<void> {
    await release(held)
    const { signal } = closing
    const slow = setTimeout(() => {
      const holder = holderOf(parts.resources(side), `baton:${side}`)
      blockedBy = `${holder?.owner ?? 'Somebody else'} has the lock ${holder?.resource ?? parts.resources(side).join(', ')}.`
      dismiss(side)
    }, SLOW_LEASE_MS)
    slow.unref()
    const lease = await acquire(side, signal)
    clearTimeout(slow)
    blockedBy = ''
    if (!lease.ok) return fail(side, lease.error)
    const began = Date.now()
    // Asked each time: somebody else may have loaded something there since.
    const released = await tenants[OTHER[side]].release(signal)
    if (!released.ok) {
      await release(lease.value)
      return fail(side, released.error)
    }
    if (released.value > 0) {
      swaps += 1
      lastSwapMs = Date.now() - began
      log.info('The GPU was turned over', { to: side, ms: lastSwapMs, freed_bytes: released.value })
    }
    if (trouble?.side === side) trouble = null
    setPhase({ kind: 'held', side, since: Date.now(), leases: lease.value, entered: 0 })
    callIn(side)
  }

  /** Lets in who waits on the spot and sends for the tasks. */
  function callIn(side: TenantId): void {
    const guests = [...waiting[side].values()]
    waiting[side].clear()
    const tasks = guests.flatMap((guest) => (guest.resolve === null && guest.task_id !== null ? [guest.task_id] : []))
    called = new Set(tasks)
    for (const guest of guests) guest.resolve?.(admit(side, guest))
    if (waiting[OTHER[side]].size > 0) setBound()
    if (tasks.length > 0) for (const listener of listeners) listener(tasks)
  }

  function fail(side: TenantId, message: string): void {
    if (closing.signal.aborted) return
    const tries = trouble?.side === side ? trouble.tries + 1 : 1
    const wait = Math.min((parts.retry_ms ?? RETRY_MS) * 2 ** (tries - 1), MAX_RETRY_MS)
    trouble = { side, message, tries, until: Date.now() + wait }
    log.warn('The GPU is not free', { for: side, reason: message })
    setPhase({ kind: 'free' })
    dismiss(side)
    clearTimeout(retry)
    retry = setTimeout(consider, wait + 1)
    retry.unref()
    consider()
  }

  /** Sends tasks that waited on the spot away, with the reason; plans and summaries stay. */
  function dismiss(side: TenantId): void {
    for (const [key, guest] of [...waiting[side]]) {
      if (guest.resolve === null || guest.task_id === null) continue
      waiting[side].delete(key)
      waiting[side].set(guest.task_id, { ...guest, resolve: null })
      guest.resolve({ ok: false, reason: reasonFor(side) })
    }
  }

  function reasonFor(side: TenantId): string {
    if (blockedBy !== '') return `Waits for the GPU: ${blockedBy} It goes on when that ends.`
    if (trouble?.side === side) return `Waits for the GPU: ${trouble.message} It is tried again by itself.`
    const other = tenants[OTHER[side]].label
    return `Waits for the GPU: ${other} has it, and work of ${tenants[side].label} comes next, in one batch.`
  }

  /** Who has one of these leases, other than this owner. */
  function holderOf(resources: readonly string[], except = ''): LeaseRow | undefined {
    return leases.list().find((row) => resources.includes(row.resource) && row.token !== null && row.owner !== except)
  }

  function countOf(side: TenantId): string {
    const count = waiting[side].size
    return count === 1 ? '1 task' : `${count} tasks`
  }

  return {
    enter,
    rest: consider,
    onCall: (listener) => void listeners.push(listener),
    status() {
      const apart = parts.whyApart()
      const resources = [...new Set([...parts.resources('ollama'), ...parts.resources('comfyui')])].sort()
      const foreign = holderOf(resources)
      return {
        resource: resources.join(', '),
        why_apart: apart,
        holder:
          foreign === undefined
            ? null
            : {
                owner: foreign.owner,
                side: phase.kind === 'held' ? phase.side : null,
                since: toTimestamp(foreign.granted_at ?? foreign.requested_at),
                purpose: foreign.purpose,
                works_on: [...users.values()].map((user) => user.title),
              },
        turning: phase.kind === 'turning' ? { side: phase.side, since: toTimestamp(phase.since) } : null,
        waiting: (['ollama', 'comfyui'] as const).flatMap((side) =>
          [...waiting[side].values()].map(({ task_id, title, since }) => ({
            side,
            task_id: task_id === null ? null : encodeId('task', task_id),
            title,
            since: toTimestamp(since),
          })),
        ),
        trouble: blockedBy !== '' ? blockedBy : (trouble?.message ?? null),
        swaps,
        last_swap_ms: lastSwapMs,
      }
    },
    close() {
      closing.abort()
      clearTimeout(bound)
      clearTimeout(retry)
      for (const side of ['ollama', 'comfyui'] as const) {
        for (const guest of waiting[side].values()) guest.resolve?.({ ok: false, reason: STOPPING })
        waiting[side].clear()
      }
    },
  }
}
