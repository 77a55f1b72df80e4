import type { Store } from '../store/store.ts'

/** Jobs of a core whose durations tell how long its next ones take. */
const LOOKED_AT = 20
/** Jobs ahead that are counted: each dispatch asks, so a long queue must not make it slow. */
const COUNTED = 1_000

export type JobEstimate = (job: {
  readonly id: number
  readonly core_id: string
  readonly order_at: number
  readonly created_at: number
}) => number | null

/**
 * When a queued job will probably begin, in ms since 1970: by the median duration of its core's last successes, what is ahead
 * of it, and how many the core carries out at once now. With nothing ahead that is the moment of its making; null where
 * something is ahead and no job of the core has succeeded yet, or so much is ahead that it is not counted.
 */
export function createJobEstimate({ sqlite }: Store): JobEstimate {
  const ahead = sqlite
    .prepare<[string, number, number], number>(
      `SELECT count(*) FROM (
         SELECT 1 FROM job WHERE state = 'queued' AND core_id = ? AND (order_at, id) < (?, ?) LIMIT ${COUNTED})`,
    )
    .pluck()
  const isAnyAhead = sqlite
    .prepare<[string, number, number], number>(
      `SELECT EXISTS (SELECT 1 FROM job WHERE state = 'queued' AND core_id = ? AND (order_at, id) < (?, ?))`,
    )
    .pluck()
  const running = sqlite
    .prepare<[string], number>(`SELECT count(*) FROM job WHERE state = 'running' AND core_id = ?`)
    .pluck()
  // The number stands in the text, and the name behind a plus (see `steady`): SQLite plans anew with each value that is
  // bound there, which takes ten times as long.
  const durations = sqlite
    .prepare<[string], number>(
      `SELECT ended_at - started_at FROM job WHERE core_id = +? AND state = 'succeeded' AND started_at IS NOT NULL
       ORDER BY id DESC LIMIT ${LOOKED_AT}`,
    )
    .pluck()

  return ({ id, core_id, order_at, created_at }) => {
    const at_work = running.get(core_id) ?? 0
    if (at_work === 0 && isAnyAhead.get(core_id, order_at, id) !== 1) return created_at
    const known = durations.all(core_id).toSorted((a, b) => a - b)
    const typical = known[Math.floor(known.length / 2)]
    if (typical === undefined) return null
    const before = ahead.get(core_id, order_at, id) ?? 0
    if (before === COUNTED) return null
    const rounds = (before + (at_work > 0 ? 1 : 0)) / Math.max(1, at_work)
    return Date.now() + Math.round(typical * rounds)
  }
}
