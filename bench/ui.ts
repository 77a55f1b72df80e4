import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inMegabytes, median, percentile } from './figures.ts'
import { growProject } from './ui/grow-project.ts'
import { firstSight, installProbe, type Noted, takeNoted } from './ui/page-probe.ts'
import { type ServedPage, servePage } from './ui/served-page.ts'
import { MOVES } from './ui/walk.ts'

const FIRST_SIGHT_MS = 1_000
const INTERACTION_MS = 100
const MEMORY_BYTES = 300 * 1_048_576
/** The browser does not tell of faster interactions. */
const UNTOLD_MS = 16

interface Walk {
  readonly interactions: readonly number[]
  /** While scrolling, and all the others. */
  readonly scrolling: Noted['longFrames']
  readonly others: Noted['longFrames']
  readonly lines: readonly string[]
}

function figure(name: string, value: string, target: string, isMet: boolean): string {
  return `ui ${name} | ${value} | ${target} | ${isMet ? 'met' : 'MISSED'}`
}

/** All moves, by turns. `note` tells the lines apart. */
async function walk({ page }: ServedPage, rounds: number, note: string): Promise<Walk> {
  const told = new Map<string, { ms: number[]; frames: Noted['longFrames'][number][] }>()
  const scrolling: Noted['longFrames'][number][] = []
  const others: Noted['longFrames'][number][] = []
  await takeNoted(page)
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, isScrolling, run } of MOVES) {
      const count = await run(page)
      const { interactions, longFrames } = await takeNoted(page)
      const known = told.get(name) ?? { ms: [], frames: [] }
      known.ms.push(...interactions.map(({ ms }) => ms))
      known.ms.push(...Array.from({ length: Math.max(0, count - interactions.length) }, () => UNTOLD_MS))
      known.frames.push(...longFrames)
      ;(isScrolling ? scrolling : others).push(...longFrames)
      told.set(name, known)
    }
  }
  const lines = [...told].map(([name, { ms, frames }]) => {
    const [worst] = frames.toSorted((one, two) => two.ms - one.ms)
    const slow = worst === undefined ? '' : ` worst_ms=${worst.ms.toFixed(0)} (${worst.script})`
    const times = ms.length === 0 ? '' : ` p95_ms=${percentile(ms, 0.95).toFixed(0)} of ${ms.length}`
    return `ui ${note}, ${name}:${times} long_frames=${frames.length}${slow}`
  })
  const all = [...told.values()]
  return { interactions: all.flatMap(({ ms }) => ms), scrolling, others, lines }
}

/** How many, the longest, and for how long in all they kept the page from answering. */
function counted(frames: Noted['longFrames']): string {
  const worst = Math.max(0, ...frames.map(({ ms }) => ms))
  const blocked = frames.reduce((sum, { blocked_ms }) => sum + blocked_ms, 0)
  return `${frames.length}, worst ${worst.toFixed(0)} ms, blocked ${blocked.toFixed(0)} ms`
}

function verdicts(note: string, { interactions, scrolling, others, lines }: Walk): string[] {
  const p95 = percentile(interactions, 0.95)
  return [
    ...lines,
    `ui frames over 50 ms of other moves, ${note} | ${counted(others)}`,
    figure(`interactions p95, ${note}`, `${p95.toFixed(0)} ms`, `${INTERACTION_MS} ms`, p95 < INTERACTION_MS),
    figure(`frames over 50 ms while scrolling, ${note}`, counted(scrolling), '0', scrolling.length === 0),
  ]
}

/** How the page feels with one project of 10,000 tasks and 100,000 events: at rest, and while the demo model works on it. */
export async function benchUi(rounds: number): Promise<string[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  try {
    const projectId = await growProject(dataDir)
    const served = await servePage(dataDir)
    try {
      return await measure(served, projectId, rounds)
    } finally {
      await served.close()
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function measure(served: ServedPage, projectId: string, rounds: number): Promise<string[]> {
  const { page, url } = served
  await installProbe(page)
  const sights: number[] = []
  const address = `${url}/#/projects/${projectId}`
  // The first one warms core and the browser's cache.
  for (let round = 0; round <= rounds; round += 1) sights.push(await firstSight(page, address, '[data-node]'))
  const sight = median(sights.slice(1))
  const lines = [
    figure('first sight of Project', `${sight.toFixed(0)} ms`, `${FIRST_SIGHT_MS} ms`, sight < FIRST_SIGHT_MS),
  ]
  lines.push(...verdicts('at rest', await walk(served, rounds, 'at rest')))
  await page.getByRole('button', { name: 'Resume all' }).click()
  lines.push(...verdicts('at work', await walk(served, rounds, 'at work')))
  await page.getByRole('button', { name: 'Pause all' }).click()
  const { heap_bytes, process_bytes } = await served.memory()
  const held = process_bytes ?? heap_bytes
  const value = `${inMegabytes(held)} MB (heap ${inMegabytes(heap_bytes)} MB)`
  lines.push(figure('memory of the page', value, '300 MB', held < MEMORY_BYTES))
  return lines
}
