/**
 * One of several processes that spend from the same ledger at once, killed at any moment: `node ledger-child.mjs '{…}'`.
 * It first settles what its dead predecessor left open, as recovery does. A line in its bill stands for what the provider
 * counts, and is written only after the call was marked as sent.
 * Stdout: `did <what>` for each thing that it has done; with `settle_only` it ends after the settling.
 */
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { createLedger } from '../../src-main/core/budget/ledger.ts'
import { createEventLog } from '../../src-main/core/event/event-log.ts'
import { createSettingsStore } from '../../src-main/core/store/settings-store.ts'
import { openStore } from '../../src-main/core/store/store.ts'
import { OWNERS } from './ledger-owners.ts'
import { seeded } from './seeded.ts'

export const ledgerChildOptions = z.object({
  data_dir: z.string(),
  bill: z.string(),
  /** Names the worker over all its lives. */
  worker: z.string(),
  seed: z.number(),
  /** Settle what anybody left open, and end. */
  settle_only: z.boolean(),
})
export type LedgerChildOptions = z.infer<typeof ledgerChildOptions>

/** Dear worst cases, cheap outcomes: calls stand in each other's way, but rarely use a limit up. */
const WORST = { low: 50_000, high: 400_000 }
const COST = { low: 0, high: 900 }

function billedCosts(folder: string): Map<number, number> {
  const lines = readdirSync(folder)
    .filter((name) => name.startsWith('bill-'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
  return new Map(lines.map((line) => line.split(' ').map(Number)).map(([id = 0, cost = 0]) => [id, cost]))
}

async function work(): Promise<void> {
  const options = ledgerChildOptions.parse(JSON.parse(process.argv[2] ?? ''))
  const random = seeded(options.seed)
  const opened = openStore(options.data_dir, () => undefined)
  if (!opened.ok) throw new Error(opened.error.message)
  const store = opened.value
  const ledger = createLedger(store, createEventLog(store), createSettingsStore(store.sqlite))
  const bill = openSync(options.bill, 'a')
  const did = (what: string): void => void writeSync(1, `did ${what}\n`)
  const mine = store.sqlite.prepare<[number], string>('SELECT provider FROM reservation WHERE id = ?').pluck()

  const leftOpen = await store.write((tx) => {
    const open = ledger.open().filter(({ id }) => options.settle_only || mine.get(id) === options.worker)
    for (const { id, state } of open) {
      if (state === 'reserved') ledger.release(tx, id)
      else ledger.settleUnconfirmed(tx, id)
    }
    return open.filter(({ state }) => state === 'sent')
  })
  // A person corrects them by the provider's bill, so that lost calls do not use the limits up.
  const bills = billedCosts(dirname(options.bill))
  await store.write((tx) => {
    for (const { id } of leftOpen) ledger.settle(tx, id, bills.get(id) ?? 0)
  })
  did('settle')

  async function call(): Promise<void> {
    const least = random.between(WORST.low, WORST.high / 2)
    const owner = random.pick(OWNERS)
    const granted = await store.write((tx) =>
      ledger.reserve(tx, {
        provider: options.worker,
        model: 'm',
        ...owner,
        max_tokens: 2_048,
        min_tokens: 1_024,
        worstCase: (tokens) => Math.round((least * tokens) / 1_024),
      }),
    )
    if (!granted.ok) return did(`denied-${granted.by}`)
    did('grant')
    const { reservation_id: id, amount_micros } = granted
    if (random.chance(0.15)) {
      await store.write((tx) => ledger.release(tx, id))
      return did('release')
    }
    await store.write((tx) => ledger.markSent(tx, id))
    const cost = Math.min(amount_micros, random.between(COST.low, COST.high))
    writeSync(bill, `${id} ${cost}\n`)
    if (random.chance(0.1)) await store.write((tx) => ledger.settleUnconfirmed(tx, id))
    await store.write((tx) => ledger.settle(tx, id, cost))
    did('end')
  }

  while (!options.settle_only) await Promise.all(Array.from({ length: random.between(1, 3) }, call))
  closeSync(bill)
  store.close()
}

await work()
