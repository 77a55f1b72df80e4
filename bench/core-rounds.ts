/**
 * Carries the graphs out in a process of its own, so that its memory is theirs alone:
 * `node bench/core-rounds.ts [rounds] [--phases]`. One JSON line per graph and round on stdout.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { PlanDocument } from '#contract/plan.ts'
import { openStore } from '#core/store/store.ts'
import { CONCURRENCY, flatPlans, layeredPlans } from './graph-shapes.ts'
import { createInstantEngine } from './instant-engine.ts'
import { approve, openCore, start } from './prepared-core.ts'
import { verifyGraph } from './verify-graph.ts'
import { writtenBytes, writtenRows } from './written.ts'

const FULL = 2

/** What every connection of the store is set to. */
function isDurable(dataDir: string): boolean {
  const store = openStore(dataDir, () => undefined)
  if (!store.ok) throw new Error(store.error.message)
  const durable = store.value.sqlite.pragma('synchronous', { simple: true }) === FULL
  store.value.close()
  return durable
}

async function round(shape: string, plans: readonly PlanDocument[], phases: boolean): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  try {
    const engine = createInstantEngine(phases)
    const core = await openCore(dataDir, engine)
    const approved = performance.now()
    for (const plan of plans) await approve(core, plan)
    const began = performance.now()
    await start(core)
    await core.idle()
    const ended = performance.now()
    await core.close()
    const durable = isDurable(dataDir)
    const tasks = plans.flatMap((plan) => plan.tasks)
    const faults = verifyGraph(dataDir, engine, {
      projects: plans.length,
      tasks: tasks.length,
      dependencies: tasks.reduce((sum, task) => sum + task.depends_on.length, 0),
      concurrency: CONCURRENCY,
    })
    if (!durable) faults.push('commits are not synchronous=FULL')
    for (const fault of faults) console.error(`${shape}: ${fault}`)
    const figures = {
      shape,
      tasks: tasks.length,
      ms: ended - began,
      approve_ms: began - approved,
      rss_bytes: process.resourceUsage().maxRSS * 1024,
      rows: writtenRows(dataDir),
      bytes: writtenBytes(dataDir),
    }
    console.log(JSON.stringify({ ...figures, ok: faults.length === 0 }))
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const { values, positionals } = parseArgs({ options: { phases: { type: 'boolean' } }, allowPositionals: true })
const phases = values.phases ?? false
for (let count = 0; count < Number(positionals[0] ?? 3); count += 1) {
  await round('dag', layeredPlans(), phases)
  await round('flat', flatPlans(), phases)
}
