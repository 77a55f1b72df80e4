import { ask, newProject } from './ask.ts'
import { inMegabytes, inMs } from './figures.ts'
import { type Crowd, type Served, serveBare, usageOf } from './processes.ts'
import type { Report } from './report.ts'

const MOST = 1.3
const PAUSE_MS = 30
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const now = (): number => performance.timeOrigin + performance.now()

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN
}

interface Told {
  readonly last_ms: number
  readonly open_ms: number
  readonly rss_bytes: number | null
}

/** From asking for a change to the moment at which the last reader has its event: the median of some rounds. */
async function toldTo(
  of: Served,
  crowd: Crowd,
  path: string,
  readers: number,
  rounds: number,
  change: () => Promise<unknown>,
) {
  const open_ms = await crowd.open(of, path, readers)
  const figures: number[] = []
  let most = 0
  for (let round = -3; round < rounds; round++) {
    const began = now()
    const told = new Promise<number>((resolve) => crowd.onTold((_, lastMs) => resolve(lastMs)))
    await change()
    const last = await told
    // The first rounds warm up.
    if (round >= 0) figures.push(last - began)
    most = Math.max(most, usageOf(of.pid)?.rss_bytes ?? 0)
    await pause(PAUSE_MS)
  }
  const { events, complete, lost_lines } = await crowd.leave()
  if (complete !== events || lost_lines > 0) {
    throw new Error(
      `Of ${events} events ${complete} reached all ${readers} readers, and ${lost_lines} lines were lost.`,
    )
  }
  await pause(200)
  return { last_ms: median(figures), open_ms, rss_bytes: most === 0 ? null : most } satisfies Told
}

/** How long the last of many readers waits for an event, beside a bare server that commits and writes to each. */
export async function measureCrowds(bench: {
  baton: Served
  crowd: Crowd
  report: Report
  rounds: number
}): Promise<void> {
  const { baton, crowd, report, rounds } = bench
  const bare = await serveBare('sse')
  const id = await newProject(baton)
  let name = 0
  const rename = () => ask(baton, 'PATCH', `/api/projects/${id}`, { name: `${name++}` })
  const tell = () => ask(bare, 'POST', '/', { name: `${name++}` })
  try {
    for (const readers of [500, 2_000]) {
      const ceiling = await toldTo(bare, crowd, '/', readers, rounds, tell)
      const ours = await toldTo(baton, crowd, '/sse/events', readers, rounds, rename)
      const ratio = ours.last_ms / ceiling.last_ms
      report.add({
        what: `the last of ${readers} readers has an event (all open in ${inMs(ours.open_ms)}, bare ${inMs(ceiling.open_ms)})`,
        ...{
          figure: inMs(ours.last_ms),
          ceiling: inMs(ceiling.last_ms),
          ratio,
          target: `<= ${MOST}`,
          isMet: ratio <= MOST,
        },
      })
      const isLean = ours.rss_bytes === null ? {} : { isMet: ours.rss_bytes < 1_073_741_824 }
      report.add({
        what: `memory with ${readers} readers`,
        figure: inMegabytes(ours.rss_bytes),
        target: '< 1 GB',
        ...isLean,
      })
    }
  } finally {
    await bare.close()
  }
}
