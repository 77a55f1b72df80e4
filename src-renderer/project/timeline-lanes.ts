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
export type Block = { bars: readonly Bar[]; from: number; to: number }

/** More than these are neither told apart by an eye nor drawn at once. */
const MOST_BLOCKS = 800

/** What is drawn of each row of a lane: its bars, and where there are too many for the time that is shown, neighbours in one. */
export function blocksByRow(lane: Lane, { from, to }: { readonly from: number; readonly to: number }): Block[][] {
  const seen = lane.bars.filter((bar) => bar.to >= from && bar.from <= to)
  const rows: { bars: Bar[]; from: number; to: number; slot: number }[][] = Array.from({ length: lane.rows }, () => [])
  const slot = seen.length <= MOST_BLOCKS ? 0 : (to - from) / Math.max(20, MOST_BLOCKS / lane.rows)
  seen.forEach((bar, index) => {
    const row = rows[bar.row]
    const last = row?.at(-1)
    const its = slot === 0 ? index : Math.floor((bar.from - from) / slot)
    if (last?.slot !== its) row?.push({ bars: [bar], from: bar.from, to: bar.to, slot: its })
    else {
      last.bars.push(bar)
      last.to = Math.max(last.to, bar.to)
    }
  })
  return rows
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
