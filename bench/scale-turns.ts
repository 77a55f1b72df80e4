/**
 * How long a turn of the executor takes with so many open tasks: `node bench/scale-turns.ts <tasks> <flat|dag>`. One JSON line
 * on stdout. A turn ends 16 tasks and begins 16, and counts from its first read to the end of its durable commit.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Store } from '#core/store/store.ts'
import { percentile } from './figures.ts'
import { createInstantEngine, type InstantEngine } from './instant-engine.ts'
import { OPEN_SHAPES, type OpenShape, openPlans } from './open-tasks.ts'
import { approve, openCore, start } from './prepared-core.ts'

/** As many as 1,000 tasks take; each round begins with all tasks open. */
const TURNS = 60
const ROUNDS = 4
/** What a process does first, it does with code that is not compiled yet. */
const WARM_UP_TASKS = 4_000

interface Turn {
  readonly ms: number
  /** What the thread worked: the same whatever else the machine does. */
  readonly cpu_ms: number
}

/** Tells of each change that somebody waits for with `tryWrite`: while an instant engine works, those are the turns. */
function timed(store: Store, tell: (turn: Turn) => void): void {
  const { tryWrite } = store
  const measured: Store['tryWrite'] = (change) =>
    tryWrite((tx) => {
      const began = performance.now()
      const cpu = process.threadCpuUsage()
      tx.afterCommit(() => {
        const { user, system } = process.threadCpuUsage(cpu)
        tell({ ms: performance.now() - began, cpu_ms: (user + system) / 1_000 })
      })
      return change(tx)
    })
  Object.defineProperty(store, 'tryWrite', { value: measured })
}

async function measure(dataDir: string, shape: OpenShape, tasks: number): Promise<Turn[]> {
  let onTurn: (turn: Turn) => void = () => undefined
  const instant = createInstantEngine(false)
  const engine: InstantEngine = {
    submitted: instant.submitted,
    engine(services) {
      timed(services.store, (turn) => onTurn(turn))
      return instant.engine(services)
    },
  }
  const core = await openCore(dataDir, engine)
  const approveAll = async (count: number): Promise<void> => {
    for (const plan of openPlans(shape, count)) await approve(core, plan)
  }
  await approveAll(WARM_UP_TASKS)
  await start(core)
  await core.idle()

  const turns: Turn[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    await core.system.pauseAll()
    const { queued, waiting } = core.system.status()
    if (round === 0 || queued + waiting < tasks / 2) await approveAll(tasks)
    const enough = new Promise<void>((resolve) => {
      const until = turns.length + TURNS
      onTurn = (turn) => {
        if (turns.length < until) turns.push(turn)
        else resolve()
      }
    })
    await core.system.resumeAll()
    await Promise.race([enough, core.idle()])
    onTurn = () => undefined
  }
  await core.close(0)
  return turns
}

const [tasks, shape] = z.tuple([z.coerce.number().int().positive(), z.enum(OPEN_SHAPES)]).parse(process.argv.slice(2))
const dataDir = mkdtempSync(join(tmpdir(), 'baton-bench-'))
try {
  const turns = await measure(dataDir, shape, tasks)
  const of = (figure: keyof Turn, share: number): number =>
    percentile(
      turns.map((turn) => turn[figure]),
      share,
    )
  const wall = { p50_ms: of('ms', 0.5), p95_ms: of('ms', 0.95) }
  const work = { p50_cpu_ms: of('cpu_ms', 0.5), p95_cpu_ms: of('cpu_ms', 0.95) }
  console.log(JSON.stringify({ tasks, shape, turns: turns.length, ...wall, ...work }))
} finally {
  rmSync(dataDir, { recursive: true, force: true })
}
