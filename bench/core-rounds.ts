/**
 * Carries the graphs out in a process of its own, so that its memory is theirs alone: `node bench/core-rounds.ts [rounds]`.
 * One JSON line per graph and round on stdout.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PlanDocument } from '#contract/plan.ts'
import { wireCore } from './core-wiring.ts'
import { CONCURRENCY, flatPlans, layeredPlans } from './graph-shapes.ts'
import { createInstantEngine } from './instant-engine.ts'
import { verifyGraph } from './verify-graph.ts'

const FULL = 2

async function round(shape: string, plans: readonly PlanDocument[]): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  try {
    const engine = createInstantEngine()
    const { store, executor, approve, close } = await wireCore(dataDir, engine)
    const durable = store.sqlite.pragma('synchronous', { simple: true }) === FULL
    const approved = performance.now()
    const ready = await approve(plans)
    const began = performance.now()
    executor.enqueue(ready)
    await executor.quiet()
    const ended = performance.now()
    await close()
    const tasks = plans.flatMap((plan) => plan.tasks)
    const faults = verifyGraph(dataDir, engine, {
      projects: plans.length,
      tasks: tasks.length,
      dependencies: tasks.reduce((sum, task) => sum + task.depends_on.length, 0),
      concurrency: CONCURRENCY,
    })
    if (!durable) faults.push('commits are not synchronous=FULL')
    for (const fault of faults) console.error(`${shape}: ${fault}`)
    const rss_bytes = process.resourceUsage().maxRSS * 1024
    const figures = { shape, tasks: tasks.length, ms: ended - began, approve_ms: began - approved, rss_bytes }
    console.log(JSON.stringify({ ...figures, ok: faults.length === 0 }))
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const rounds = Number(process.argv[2] ?? 3)
for (let count = 0; count < rounds; count += 1) {
  await round('dag', layeredPlans())
  await round('flat', flatPlans())
}
