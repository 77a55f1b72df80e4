import { uncorrelated } from '../correlation.ts'
import type { OpenBatch } from './batch-book.ts'
import type { BatchParts } from './batch-parts.ts'
import { lookAtBatch } from './look-at-batch.ts'
import { nextBatch, sendBatch } from './send-batches.ts'
import { takeBack } from './take-back.ts'

/** Sends what has been collected, looks how batches are, and settles them. */
export interface BatchLoop {
  /** Something changed: a call has come, or what a person said of one. */
  wake(): void
  /** A batch that is on its way may arrive for `graceMs`; everything else is left for the next start. */
  close(graceMs: number): Promise<void>
}

/** Changes come in swarms, and are looked at together. */
const SWARM_MS = 20
/** Timers stand still while the machine sleeps, so long waits are looked at again. */
const MAX_TIMER_MS = 5_000
/** After a pass that a bug or the disk broke off. */
const AGAIN_MS = 5_000

/**
 * One pass at a time, each from what the database says, so that nothing that was ever noted is forgotten. It rests while
 * nothing is open; otherwise it is woken by changes and by the next moment at which something is due.
 */
export function createBatchLoop(parts: BatchParts): BatchLoop {
  const { store, settings, board, book, log } = parts
  const asking = new AbortController()
  const sending = new AbortController()
  const signals = { asking: asking.signal, sending: sending.signal }
  let timer: NodeJS.Timeout | undefined
  let due = Infinity
  let passing: Promise<void> | null = null
  let again = false
  let isClosed = false
  const isOpen = store.sqlite
    .prepare<[], number>(
      `SELECT EXISTS (SELECT 1 FROM batch_request WHERE state IN ('collecting', 'sent'))
         OR EXISTS (SELECT 1 FROM model_batch WHERE state IN ('sending', 'waiting', 'canceling'))
         OR EXISTS (SELECT 1 FROM task WHERE state = 'waiting' AND waiting_on = 'batch')`,
    )
    .pluck()

  function wakeAt(moment: number): void {
    if (isClosed || moment >= due) return
    due = moment
    clearTimeout(timer)
    timer = setTimeout(begin, Math.min(Math.max(moment - Date.now(), SWARM_MS), MAX_TIMER_MS))
    timer.unref()
  }

  function begin(): void {
    due = Infinity
    if (passing !== null) {
      again = true
      return
    }
    if (isClosed || store.trouble() !== null) return
    passing = uncorrelated(pass)
      .then(
        (next) => wakeAt(next),
        (cause: unknown) => {
          store.report(cause)
          log.error('Batches could not be looked after', { error: String(cause) })
          wakeAt(Date.now() + AGAIN_MS)
        },
      )
      .finally(() => {
        passing = null
        if (again) wakeAt(0)
        again = false
      })
  }

  /** Answers with the next moment (ms) at which something is due. */
  async function pass(): Promise<number> {
    await takeBack(parts)
    let next = Infinity
    for (const provider of new Set(book.collecting().map((call) => call.provider))) {
      for (let at = await sendNext(provider); ; at = await sendNext(provider)) {
        if (at === 'sent') continue
        next = Math.min(next, at)
        break
      }
    }
    for (const batch of book.openBatches().filter(mayBeLookedAt)) {
      const at = Math.max(batch.look_at, board.get(batch.provider).held_until ?? 0)
      const batches = parts.provider(batch.provider)?.batches
      if (isClosed || batches === undefined) continue
      if (at > Date.now()) next = Math.min(next, at)
      else {
        await lookAtBatch(parts, batches, batch, signals.asking)
        // When the next look is due is in its row.
        again = true
      }
    }
    return next
  }

  /** Sends a batch where one is due; otherwise the moment at which one is. */
  async function sendNext(provider: string): Promise<number | 'sent'> {
    const waiting = nextBatch(parts, provider)
    const batches = parts.provider(provider)?.batches
    if (waiting === null || batches === undefined || isClosed) return Infinity
    const at = Math.max(waiting.at, board.get(provider).held_until ?? 0)
    if (at > Date.now()) return at
    const asked = board.mayAsk(provider)
    if (!asked.ok) return asked.until
    await sendBatch(parts, batches, provider, waiting.calls, signals)
    return 'sent'
  }

  /** Not a byte where all work stays local, and none for those whose work does. */
  function mayBeLookedAt({ projects }: OpenBatch): boolean {
    if (settings.settings().local_only) return false
    return (JSON.parse(projects) as number[]).some(parts.isAllowed)
  }

  store.onTrouble((trouble) => {
    if (trouble === null) wakeAt(0)
  })

  return {
    wake() {
      if (isOpen.get() === 1) wakeAt(0)
    },
    async close(graceMs) {
      isClosed = true
      clearTimeout(timer)
      asking.abort()
      const patience = setTimeout(() => sending.abort(), graceMs)
      await passing
      clearTimeout(patience)
    },
  }
}
