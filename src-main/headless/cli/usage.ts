import { formatUsd } from '#contract/money.ts'
import { usageGroup } from '#contract/usage.ts'
import { USAGE_CSV_HEADER, usageCsvLine } from '#contract/usage-csv.ts'
import { isByTime } from '#contract/usage-order.ts'
import type { Api } from '../baton-client.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { formatCost, formatTokens, profileLabel } from './format.ts'
import { print, printJson, say } from './output.ts'
import { createPaint } from './paint.ts'
import { clip, printable } from './printable.ts'
import { withClient } from './session.ts'
import { renderTable } from './table.ts'

export interface UsageFlags {
  readonly by?: string
  readonly project?: string
  readonly csv?: boolean
  readonly json?: boolean
}

const LABEL_WIDTH = 50
const MAX_UNCONFIRMED = 20

async function printCsv(api: Api, project: { project_id?: string }): Promise<void> {
  process.stdout.write(USAGE_CSV_HEADER)
  let cursor: string | undefined
  do {
    const page = await api.usage.list(
      cursor === undefined ? { ...project, limit: 500 } : { ...project, limit: 500, cursor },
    )
    process.stdout.write(page.items.map(usageCsvLine).join(''))
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
}

/** Calls whose reply was lost, with their numbers, and how to say what they cost. */
async function tellUnconfirmed(api: Api, project: { project_id?: string }, amount: number): Promise<void> {
  const { items } = await api.usage.list({ ...project, only: 'unconfirmed', limit: MAX_UNCONFIRMED })
  say(
    `\n? ${formatUsd(amount)} is not confirmed: a reply was lost, so the most that the call can have cost is counted.`,
  )
  const paint = createPaint(process.stderr)
  const columns = [
    { title: 'call' },
    { title: 'when' },
    { title: 'model' },
    { title: 'counted', align: 'right' as const },
  ]
  const rows = items.map((call) => [String(call.id), call.ts, printable(call.model), formatUsd(call.cost_micros)])
  say(renderTable(columns, rows, paint))
  say("Your provider's bill may be lower. Say what a call cost with: baton usage correct CALL USD")
}

/** `baton usage`: what was used and spent, grouped; `--csv` lists every call (B5). */
export function usage(flags: UsageFlags): Promise<ExitCode> {
  const by = usageGroup.safeParse(flags.by ?? 'day')
  if (!by.success) {
    throw new CommandFault(`--by ${flags.by} is no grouping. Choose ${usageGroup.options.join(', ')}.`, EXIT.usage)
  }
  const project = flags.project === undefined ? {} : { project_id: flags.project }
  return withClient({}, async ({ api }) => {
    if (flags.csv) {
      await printCsv(api, project)
      return EXIT.done
    }
    const { rows, total, row_count } = await api.usage.summary({ by: by.data, ...project })
    if (flags.json) {
      printJson({ rows, total, row_count })
      return EXIT.done
    }
    if (rows.length === 0) {
      say('Nothing was used yet.')
      return EXIT.done
    }
    const paint = createPaint(process.stdout)
    const line = (row: typeof total, label: string) => [
      label,
      String(row.calls),
      formatTokens(row.input_tokens),
      formatTokens(row.output_tokens),
      `${formatCost(row.cost_micros, false)}${row.unconfirmed_micros > 0 ? paint.needsYou('?') : ''}`,
      row.saved_micros === 0 ? '' : paint.local(formatCost(row.saved_micros, true)),
    ]
    const right = 'right' as const
    const columns = [
      { title: by.data },
      { title: 'calls', align: right },
      { title: 'tokens in', align: right },
      { title: 'tokens out', align: right },
      { title: 'cost', align: right },
      { title: 'saved by local', align: right },
    ]
    const body = rows.map((row) => line(row, clip(printable(profileLabel(row.label)), LABEL_WIDTH)))
    print(renderTable(columns, [...body, line(total, paint.bold('total'))], paint))
    if (row_count > rows.length) {
      const which = isByTime(by.data) ? 'newest' : 'dearest'
      const all = `${row_count.toLocaleString('en')} ${by.data}s`
      say(`\nThe ${which} ${rows.length} of ${all} are listed; the total is of all. --csv lists every call.`)
    }
    if (total.cache_saved_micros !== 0) say(`\n${cacheLine(total.cache_saved_micros)}`)
    if (total.batch_saved_micros !== 0)
      say(`\nBatches saved ${formatUsd(total.batch_saved_micros)} against asking at once.`)
    if (total.unconfirmed_micros > 0) await tellUnconfirmed(api, project, total.unconfirmed_micros)
    return EXIT.done
  })
}

/** What caching of prompts did to the cost, which is told as it was billed (R5). */
function cacheLine(micros: number): string {
  return micros > 0
    ? `Caching of prompts saved ${formatUsd(micros)}; without it that much more would have been billed.`
    : `Filling the cache of prompts cost ${formatUsd(-micros)} more than it saved so far.`
}
