import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FailpointName } from '../../src-main/core/failpoint.ts'
import { createBatchDesk } from '../doubles/anthropic-batches.ts'
import { createBaton, resultOf } from '../support/baton-process.ts'
import { readBooks } from '../support/books.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, billed, coreBench, must } from '../support/core-bench.ts'

const TASK = { type: 'writing', complexity: 'simple', tier: 'fast' }
const PLAN = {
  title: 'Two notes',
  tasks: ['one', 'two'].map((key) => ({ key, title: `Write ${key}`, artifacts: [`${key}.md`], ...TASK })),
}

/** Where Baton dies, how often it had come by, and how many calls may be booked in full because nobody can tell. */
const DEATHS: readonly (readonly [FailpointName, number, number])[] = [
  ['after-batch-joined', 1, 0],
  ['before-batch-sent', 1, 2],
  ['after-batch-sent', 1, 0],
  ['after-batch-noted', 1, 0],
  ['before-batch-settled', 1, 0],
  ['after-batch-settle', 2, 0],
  ['after-batch-settled', 1, 0],
]

test.each(DEATHS)(
  'R5 E5 killed %s, time %i: a batch is asked once, and every cent of it is known',
  async (point, times, lostAtMost) => {
    const desk = createBatchDesk({ takes_ms: 100 })
    const double = await anthropicDouble({ desk })
    // A first core writes down how fast batches are to go.
    const made = await coreBench({ anthropic: double })
    must(await made.core.settings.change({ batch_window_ms: 60, batch_poll_ms: 5, batch_poll_cap_ms: 40 }))
    await made.close()
    const cli = createBaton({ anthropic: double.url })
    cleanup(cli.close)
    const env = { BATON_DATA_DIR: made.data_dir }
    const plan = join(cli.folder, 'plan.json')
    writeFileSync(plan, JSON.stringify(PLAN))

    const death = await cli.run(['run', plan, '--yes', '--budget', '2', '--json', '--can-wait'], {
      env: { ...env, BATON_FAILPOINTS: `${point}:${times}` },
    })
    expect(death.signal, death.stderr + death.stdout.slice(-1_000)).toBe('SIGKILL')
    const between = readBooks(made.data_dir)
    expect(billed(double)).toBeLessThanOrEqual(between.settled_micros + between.reserved_micros)

    const end = await cli.run(['resume', '--yes', '--json'], { env })
    expect(end.code, end.stderr + end.stdout.slice(-2_000)).toBe(0)
    expect(resultOf(end).artifacts).toHaveLength(2)
    const books = readBooks(made.data_dir)
    expect(books).toMatchObject({ reserved_micros: 0, open_reservations: 0 })
    expect(books.usage_micros).toBe(books.settled_micros)
    expect(books.settled_micros - books.unconfirmed_micros).toBe(billed(double))
    expect(books.steps.filter((step) => step.state === 'unknown').length).toBeLessThanOrEqual(lostAtMost)
    const asked = double.record.calls.filter((call) => call.path === '/v1/messages').map(({ body }) => questionOf(body))
    expect(new Set(asked).size).toBe(asked.length)
  },
)

/** Without the bound of its answer, which may shrink with what is left of the budget. */
function questionOf(body: unknown): string {
  return JSON.stringify({ ...(body as object), max_tokens: 0 })
}
