import { eq } from 'drizzle-orm'
import { ok, type Result } from '#contract/result.ts'
import type { Ledger } from '../budget/ledger.ts'
import type { Core } from '../core.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { usageLog } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { usageEntryOf } from './usage-view.ts'

/**
 * Settles a call whose reply was lost at what a person read from the provider's bill (B2). `onFreed` is told when money
 * came free by it, so that waiting work asks again.
 */
export function createCorrectUsage(store: Store, ledger: Ledger, onFreed: () => void): Core['usage']['correct'] {
  // A project that has ended says what it cost.
  const result = store.sqlite.prepare(
    "UPDATE project SET result = json_set(result, '$.cost_micros', ?) WHERE id = ? AND result IS NOT NULL",
  )
  const entry = (id: number) => store.orm.select().from(usageLog).where(eq(usageLog.id, id)).get()

  return async (id, cost_micros) => {
    const corrected = await store.tryWrite((tx): Result<void, Refusal> => {
      const row = entry(id)
      if (row === undefined) return refuse('not_found', `There is no call ${id}. GET /usage lists them.`)
      if (row.reservation_id === null) return refuse('conflict', 'This call was free, so there is nothing to correct.')
      const booked = ledger.correct(tx, row.reservation_id, cost_micros)
      if (!booked.ok) return booked
      tx.orm.update(usageLog).set({ cost_micros, unconfirmed: false }).where(eq(usageLog.id, id)).run()
      if (row.project_id !== null)
        result.run(ledger.account(`project:${row.project_id}`).settled_micros, row.project_id)
      return ok(undefined)
    })
    if (!corrected.ok) return corrected
    onFreed()
    const row = entry(id)
    if (row === undefined) throw new Error(`The call ${id} that was just corrected is gone`)
    return ok(usageEntryOf(row))
  }
}
