import type { UsageRow } from '#contract/usage.ts'

/** What one day's column of the chart shows. Amounts are micro-dollars; in a free time `here` is tokens. */
export interface UsageDay {
  /** `2026-11-21`; days are those of UTC, as the ledger's are. */
  readonly day: string
  readonly confirmed: number
  readonly unconfirmed: number
  readonly here: number
}

export interface RecentDays {
  /** Oldest first; days without a call are there too. */
  readonly days: readonly UsageDay[]
  /** The highest column, at least 1. */
  readonly most: number
  /** Nothing was spent or saved in these days, so that the columns tell tokens. */
  readonly isFree: boolean
}

const DAY_MS = 86_400_000

/** The last `count` days up to `today` as columns of one scale. Days outside of them are left to the table. */
export function recentDays(rows: readonly UsageRow[], today: string, count = 30): RecentDays {
  const byDay = new Map(rows.map((row) => [row.key, row]))
  const last = Date.parse(today)
  const shown = Array.from({ length: count }, (_, index) => {
    const day = new Date(last - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10)
    return { day, row: byDay.get(day) }
  })
  const isFree = shown.every(({ row }) => row === undefined || row.cost_micros + row.saved_micros === 0)
  const days = shown.map(({ day, row }) => {
    if (row === undefined) return { day, confirmed: 0, unconfirmed: 0, here: 0 }
    const here = isFree ? row.input_tokens + row.output_tokens : row.saved_micros
    return { day, confirmed: row.cost_micros - row.unconfirmed_micros, unconfirmed: row.unconfirmed_micros, here }
  })
  const most = Math.max(1, ...days.map((each) => each.confirmed + each.unconfirmed + each.here))
  return { days, most, isFree }
}
