import type { Span, Stretch } from './timeline-spans.ts'

/** A run with the row in which it stands. */
export type Bar = Span & { readonly row: number }
/** Everything one model did. Runs at the same time stand in rows below each other. */
export type Lane = { name: string; paid: boolean; rows: number; bars: Bar[] }

/** A bar takes at least so many CSS pixels: a target of 24 (WCAG 2.2, 2.5.8), and what parts it from the next. */
export const BAR_WIDTH = 26
/** Up to so many, short runs stand in rows below each other; more would make too many rows, and are drawn as one. */
const FEW = 200
/** Runs in a row begin at least this far apart, so that a closer look can tell any two. */
const APART_MS = 1_000

/** Sorts runs into one lane per model, local models first. `width`: what all the time is drawn on, in CSS pixels. */
export function lanesOf(spans: readonly Span[], width: number): Lane[] {
  const lanes = new Map<string, Lane>()
  const taken = new Map<Lane, Rows>()
  const bars = spans.toSorted((one, two) => one.from - two.from)
  const shortest = bars.length > FEW ? APART_MS : Math.max(APART_MS, timeOf(BAR_WIDTH, grown(stretchOf(bars)), width))
  for (const bar of bars) {
    const name = bar.profile ?? 'no model'
    const lane = lanes.get(name) ?? { name, paid: bar.paid, rows: 0, bars: [] }
    lanes.set(name, lane)
    const rows = taken.get(lane) ?? { busy: [], free: [] }
    taken.set(lane, rows)
    const row = takeRow(rows, lane.rows, bar.from, Math.max(bar.to, bar.from + shortest))
    lane.bars.push({ ...bar, row })
    lane.rows = Math.max(lane.rows, row + 1)
  }
  return [...lanes.values()].sort((one, two) => Number(one.paid) - Number(two.paid) || one.name.localeCompare(two.name))
}

/** The rows of a lane while it is filled: those taken, by the moment of their end, and those let go, the uppermost first. */
type Rows = { readonly busy: { until: number; row: number }[]; readonly free: number[] }

/**
 * The uppermost row that is free at `from`, or a new one behind the `count` that there are; taken from now on. Runs that
 * overlap make thousands of rows, so none is looked at twice.
 */
function takeRow({ busy, free }: Rows, count: number, from: number, until: number): number {
  let ended = 0
  for (const { until: end, row } of busy) {
    if (end > from) break
    free.splice(
      placeIn(free, row, (each) => each),
      0,
      row,
    )
    ended += 1
  }
  busy.splice(0, ended)
  const row = free.shift() ?? count
  busy.splice(
    placeIn(busy, until, (each) => each.until),
    0,
    { until, row },
  )
  return row
}

/** Where `value` belongs in a list that is sorted by `of`. */
function placeIn<Item>(list: readonly Item[], value: number, of: (item: Item) => number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    const item = list[middle]
    if (item !== undefined && of(item) <= value) low = middle + 1
    else high = middle
  }
  return low
}

/** From the first beginning to the last end, never less than a second. */
export function stretchOf(bars: readonly Stretch[]): Stretch {
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (const bar of bars) {
    from = Math.min(from, bar.from)
    to = Math.max(to, bar.to)
  }
  return bars.length === 0 ? { from: 0, to: 1_000 } : { from, to: Math.max(to, from + 1_000) }
}

/** As much as a quarter more: while the time grows, bars change their rows seldom. */
function grown({ from, to }: Stretch): Stretch {
  return { from, to: from + 1.25 ** Math.ceil(Math.log(to - from) / Math.log(1.25)) }
}

/** The ms that stand on so many of the `width` pixels. */
function timeOf(pixels: number, { from, to }: Stretch, width: number): number {
  return (pixels * (to - from)) / Math.max(BAR_WIDTH, width)
}

/** Bars that would be drawn in the same place, as one. */
export type Block = { bars: readonly Bar[]; from: number; to: number }

/**
 * What is drawn of each row of a lane: its bars, those that begin closer to each other than a bar is wide in one. So each is a
 * target of its own.
 */
export function blocksByRow(lane: Lane, shown: Stretch, width: number): Block[][] {
  const wide = timeOf(BAR_WIDTH, shown, width)
  const rows: { bars: Bar[]; from: number; to: number }[][] = Array.from({ length: lane.rows }, () => [])
  for (const bar of lane.bars) {
    if (bar.to < shown.from || bar.from > shown.to) continue
    const row = rows[bar.row]
    const last = row?.at(-1)
    if (last === undefined || bar.from >= Math.max(shown.from, last.from) + wide)
      row?.push({ bars: [bar], from: bar.from, to: bar.to })
    else {
      last.bars.push(bar)
      last.to = Math.max(last.to, bar.to)
    }
  }
  return rows
}

/** The time that shows what stands in one block as more than one. */
export function closerLook({ bars, from }: Block): Stretch {
  const last = bars.at(-1)?.from ?? from
  return { from, to: from + Math.max(1_000, 1.25 * (last - from)) }
}

const STEPS_S = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400]

/** Round moments between `from` and `to` (ms), about `wanted` of them. */
export function ticksOf(from: number, to: number, wanted: number): number[] {
  const span = Math.max(1_000, to - from)
  const step = (STEPS_S.find((seconds) => span / (seconds * 1_000) <= wanted) ?? 604_800) * 1_000
  const ticks: number[] = []
  for (let at = 0; at <= span; at += step) ticks.push(from + at)
  return ticks
}
