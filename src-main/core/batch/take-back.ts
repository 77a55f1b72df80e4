import type { Tx } from '../store/write-queue.ts'
import type { BatchParts } from './batch-parts.ts'
import { endRequest } from './end-request.ts'

/**
 * Looks what people say now: calls that nobody waits for any more, or that are wanted at once, come out of the collection;
 * a batch comes back where one of its calls is wanted at once, or none is wanted at all. Tasks whose call has ended, or
 * that must stay local, are called.
 */
export async function takeBack(parts: BatchParts): Promise<void> {
  const { store, book, settings, goOn, isAllowed } = parts
  const tasks = book
    .calledBack(settings.settings().local_only)
    .flatMap(({ id, project_id }) => (isAllowed(project_id) ? [id] : []))
  if (tasks.length > 0) goOn(tasks)
  const calls = book.collecting().filter(({ wanted, hurried }) => wanted === 0 || hurried === 1)
  const open = book.openBatches()
  const batches = open.filter(
    (batch) => batch.state === 'waiting' && batch.open > 0 && (batch.wanted === 0 || batch.hurried > 0),
  )
  // Its last result was settled by a core that died before it had ended the batch.
  const empty = open.filter((batch) => batch.open === 0)
  if (calls.length === 0 && batches.length === 0 && empty.length === 0) return
  await store.tryWrite((tx) => {
    for (const { id } of calls) {
      const row = book.get(id)
      if (row !== undefined) endRequest(parts, tx, row, { kind: 'unsent' }, true)
    }
    for (const { id } of empty) book.moveBatch(tx, id, 'ended')
    for (const { id } of batches) {
      if (!book.moveBatch(tx, id, 'canceling')) continue
      book.lookNow(tx, id)
      tellTasks(parts, tx, id)
    }
  })
}

/** What tasks of a batch wait for has changed. */
export function tellTasks({ book, events }: BatchParts, tx: Tx, batchId: number): void {
  for (const { project_id, task_id, run_id } of book.sentOf(batchId))
    events.append(tx, 'task.changed', { project_id, task_id, run_id }, { fields: ['reason'] })
}
