import type { Result } from '#contract/result.ts'
import type { BatchFault, BatchLook, BatchResult, ModelBatches } from '../model/provider.ts'
import type { BatchRequestRow } from '../store/schema.ts'
import type { OpenBatch } from './batch-book.ts'
import type { BatchParts } from './batch-parts.ts'
import { endRequest } from './end-request.ts'
import { noteFault } from './note-provider.ts'
import { nameOf } from './send-batches.ts'

/** How much later each look is than the one before, until the longest. */
const GROWTH = 1.5
/** Results that are settled in one transaction. */
const TOGETHER = 100
/** So often is a batch looked for that may never have arrived. */
const SEARCHES = 4
/** How much a provider's clock may be behind. */
const CLOCKS_MS = 10 * 60_000

/** Asks how a batch is, takes it back where it is to come back, and settles it where it has ended. */
export async function lookAtBatch(
  parts: BatchParts,
  batches: ModelBatches,
  batch: OpenBatch,
  signal: AbortSignal,
): Promise<void> {
  const { store, book } = parts
  await store.tryWrite((tx) => book.looked(tx, batch.id, Date.now() + nextLook(parts, batch)))
  if (batch.provider_id === null) return search(parts, batches, batch, signal)
  const seen = await told(parts, batch, batches.look(batch.provider_id, signal))
  if (seen === null) return
  if (seen.state === 'ended') return settle(parts, batches, batch, seen, signal)
  if (batch.state === 'canceling' && seen.state === 'in_progress') {
    await told(parts, batch, batches.cancel(seen.id, signal))
  }
}

function nextLook({ settings }: BatchParts, { looks }: OpenBatch): number {
  const { batch_poll_ms, batch_poll_cap_ms } = settings.settings()
  return Math.round(Math.min(Math.max(batch_poll_ms, batch_poll_cap_ms), batch_poll_ms * GROWTH ** Math.min(looks, 60)))
}

/** What a provider said; null where it is to be asked again, or where it knows the batch no more. */
async function told<T>(
  parts: BatchParts,
  batch: OpenBatch,
  question: Promise<Result<T, BatchFault>>,
): Promise<T | null> {
  const answer = await question
  if (answer.ok) {
    parts.board.worked(batch.provider, true)
    return answer.value
  }
  noteFault(parts, batch.provider, answer.error)
  if (answer.error.kind === 'aborted') return null
  parts.log.warn('A batch could not be looked at', { batch: batch.provider_id, fault: answer.error.message })
  if (answer.error.gone === true) await giveUp(parts, batch)
  return null
}

/** Takes all results of an ended batch, in whatever order they come; those that came before the line was cut are kept. */
async function settle(
  parts: BatchParts,
  batches: ModelBatches,
  batch: OpenBatch,
  seen: BatchLook,
  signal: AbortSignal,
): Promise<void> {
  const { store, book, failpoint, log } = parts
  const open = new Map<string, BatchRequestRow>(book.sentOf(batch.id).map((row) => [nameOf(batch.mark, row.id), row]))
  let came = 0
  let taken: BatchResult[] = []
  const write = async (): Promise<void> => {
    const results = taken
    taken = []
    failpoint('before-batch-settled')
    await store.write((tx) => {
      for (const { name, outcome } of results) {
        const row = open.get(name)
        if (row !== undefined) endRequest(parts, tx, row, outcome, batch.state === 'canceling')
      }
    })
    failpoint('after-batch-settled')
  }
  const all = await batches.results(
    seen.id,
    async (result) => {
      came += 1
      taken.push(result)
      if (taken.length >= TOGETHER) await write()
      return true
    },
    signal,
  )
  if (taken.length > 0) await write()
  if (!all.ok) {
    await told(parts, batch, Promise.resolve(all))
    return
  }
  if (came < seen.requests) {
    log.warn('The results of a batch were cut, and are asked for again', { batch: seen.id, came, of: seen.requests })
    return
  }
  await giveUp(parts, batch)
  log.info('A batch has ended', { batch: seen.id, requests: came })
}

/** Ends a batch. What it had no word about is booked in full and flagged, as nobody can tell what it cost. */
async function giveUp(parts: BatchParts, batch: OpenBatch): Promise<void> {
  const { store, book } = parts
  await store.write((tx) => {
    for (const row of book.sentOf(batch.id)) endRequest(parts, tx, row, { kind: 'lost' }, true)
    book.moveBatch(tx, batch.id, 'ended')
  })
}

/**
 * Finds a batch whose name at the provider was never learned, because the answer was lost or Baton died before it came: by
 * the names of its calls, which only results tell. While one that it may be goes on, that is waited for.
 */
async function search(parts: BatchParts, batches: ModelBatches, batch: OpenBatch, signal: AbortSignal): Promise<void> {
  const { store, book, log } = parts
  const there = await told(parts, batch, batches.since(batch.sent_at - CLOCKS_MS, signal))
  if (there === null) return
  const may = there.filter(({ id, requests }) => requests === batch.requests && !book.knows(batch.provider, id))
  for (const { id } of may.filter(({ state }) => state === 'ended')) {
    let isOurs = false
    // All calls of a batch have its mark, so the first tells.
    const read = await batches.results(
      id,
      async ({ name }) => {
        isOurs = name.startsWith(`${batch.mark}_`)
        return false
      },
      signal,
    )
    if (!read.ok && (await told(parts, batch, Promise.resolve(read))) === null) return
    if (!isOurs) continue
    await store.write((tx) => {
      book.moveBatch(tx, batch.id, 'waiting', id)
      book.lookNow(tx, batch.id)
    })
    log.info('A batch was found again', { batch: id })
    return
  }
  const goesOn = may.some(({ state }) => state !== 'ended')
  if (!goesOn && batch.looks >= SEARCHES) await giveUp(parts, batch)
}
