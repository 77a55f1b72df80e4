import type { Task } from '#contract/task.ts'

/** The last run of a task on the time axis, in ms; `to` is now while it runs. */
export type Bar = { task: Task; from: number; to: number; row: number }
/** Everything one model did. Runs at the same time stand in rows below each other. */
export type Lane = { name: string; paid: boolean; rows: number; bars: Bar[] }

/** Sorts the runs of tasks into one lane per model, local models first. Tasks that never ran are left out. */
export function lanesOf(tasks: readonly Task[], now: number): Lane[] {
  const lanes = new Map<string, Lane>()
  const busyUntil = new Map<Lane, number[]>()
  const started = tasks
    .flatMap((task) => (task.started_at === null ? [] : [{ task, from: Date.parse(task.started_at) }]))
    .sort((one, two) => one.from - two.from)
  for (const { task, from } of started) {
    const name = task.profile ?? 'no model'
    const lane = lanes.get(name) ?? { name, paid: task.paid, rows: 0, bars: [] }
    lanes.set(name, lane)
    const to = Math.max(from, task.ended_at === null ? now : Date.parse(task.ended_at))
    const rows = busyUntil.get(lane) ?? []
    busyUntil.set(lane, rows)
    const free = rows.findIndex((until) => until <= from)
    const row = free < 0 ? rows.length : free
    rows[row] = to
    lane.bars.push({ task, from, to, row })
    lane.rows = Math.max(lane.rows, row + 1)
  }
  return [...lanes.values()].sort((one, two) => Number(one.paid) - Number(two.paid) || one.name.localeCompare(two.name))
}

/** Bars that would be drawn in the same place, as one. */
export type Block = { bars: readonly Bar[]; from: number; to: number; row: number }

/** More than these are neither told apart by an eye nor drawn at once. */
const MOST_BLOCKS = 800

/** What is drawn of a lane: its bars, and where there are too many for the time from `from` to `to`, neighbours in one. */
export function blocksOf(lane: Lane, from: number, to: number): Block[] {
  const seen = lane.bars.filter((bar) => bar.to >= from && bar.from <= to)
  const alone = ({ row, ...bar }: Bar): Block => ({ bars: [{ row, ...bar }], from: bar.from, to: bar.to, row })
  if (seen.length <= MOST_BLOCKS) return seen.map(alone)
  const slot = (to - from) / Math.max(20, MOST_BLOCKS / lane.rows)
  const blocks = new Map<string, Block>()
  for (const bar of seen) {
    const key = `${bar.row}:${Math.floor((bar.from - from) / slot)}`
    const known = blocks.get(key)
    if (known === undefined) blocks.set(key, alone(bar))
    else blocks.set(key, { ...known, bars: [...known.bars, bar], to: Math.max(known.to, bar.to) })
  }
  return [...blocks.values()]
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
