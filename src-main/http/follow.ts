import type { Context } from 'hono'
import type { StreamItem } from '#contract/stream-item.ts'
import type { Core, EventFilter } from '#core/core.ts'
import { mayStillRead, seesOnly } from '#core/identity/caller.ts'
import type { RequestEnv } from './request-env.ts'
import type { StreamSlot } from './stream-slots.ts'

/** What may wait on one line for a reader that is too slow; it resumes by id (A4). */
export const MAX_WAITING_BYTES = 1_000_000
/** How long a reader may take for what waits for it. */
export const STALL_MS = 30_000

/** Why a stream ends before its reader ended it. */
export type EndReason = 'slow' | 'rights' | 'closing'

/** The far end of a stream of events, on the socket of its request. */
export interface Reader {
  /** Puts items on the line. */
  send(items: readonly StreamItem[]): void
  end(reason: EndReason): void
}

/** What following needs of core. */
export interface Followed {
  readonly events: Pick<Core['events'], 'follow'>
  readonly identity: Pick<Core['identity'], 'again' | 'watch'>
}

export interface FollowOptions {
  readonly context: Context<RequestEnv>
  readonly core: Followed
  readonly slot: StreamSlot
  readonly reader: Reader
  readonly stallMs?: number | undefined
}

/** Follows core for one reader; `from` begins anew behind another event. */
export interface Following {
  from(filter: EventFilter): void
}

/**
 * Gives a reader core's events for as long as its line lives and its caller may read: a logout, another role or a revoked
 * token ends it at once. Nothing waits for a reader: what waits is its own, is bounded, and is dropped with it.
 */
export function follow({ context, core, slot, reader, stallMs = STALL_MS }: FollowOptions): Following {
  const { socket } = context.env.incoming
  const metrics = context.get('metrics')
  const caller = context.get('caller')
  const owner = seesOnly(caller)
  let stop: () => void = () => undefined
  let patience: NodeJS.Timeout | undefined
  let isOver = false

  function finish(reason: EndReason | null): void {
    if (isOver) return
    isOver = true
    stop()
    unwatch()
    clearTimeout(patience)
    socket.off('drain', onDrain).off('close', onClose)
    slot.free()
    metrics?.streamClosed()
    if (reason !== null) reader.end(reason)
  }
  function onDrain(): void {
    clearTimeout(patience)
    patience = undefined
  }
  const onClose = (): void => finish(null)
  const mayStill = (): boolean => mayStillRead(caller, core.identity.again(caller))

  function take(items: readonly StreamItem[]): void {
    if (isOver) return
    const reason = mayStill() ? (socket.writableLength > MAX_WAITING_BYTES ? 'slow' : null) : 'rights'
    if (reason !== null) {
      finish(reason)
      return
    }
    reader.send(items)
    metrics?.streamSent(items.length)
    if (socket.writableNeedDrain) patience ??= setTimeout(() => finish('slow'), stallMs)
  }

  metrics?.streamOpened()
  socket.on('drain', onDrain).on('close', onClose)
  const unwatch = core.identity.watch(caller, () => {
    if (!mayStill()) finish('rights')
  })
  return {
    from(filter) {
      stop()
      if (isOver) return
      const room = () =>
        socket.writableNeedDrain ? new Promise<void>((resolve) => void socket.once('drain', resolve)) : null
      const end = () => finish('closing')
      stop = core.events.follow({ ...filter, owner }, { take, room, end })
      if (isOver) stop()
    },
  }
}
