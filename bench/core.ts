import { join } from 'node:path'
import { z } from 'zod'
import { asRatio, inMegabytes, median } from './figures.ts'
import { measureProcess } from './measure-process.ts'

const line = z.object({
  shape: z.enum(['dag', 'flat']),
  tasks: z.number(),
  ms: z.number(),
  approve_ms: z.number(),
  rss_bytes: z.number(),
  ok: z.boolean(),
})
type Line = z.infer<typeof line>

/** A process's first round runs code that is not compiled yet; the median of three is of one that is. */
const ROUNDS_PER_PROCESS = 3

async function roundsOf(script: string): Promise<Line[]> {
  const { stdout } = await measureProcess([join(import.meta.dirname, script), String(ROUNDS_PER_PROCESS)])
  return stdout
    .trim()
    .split('\n')
    .map((text) => line.parse(JSON.parse(text)))
}

function msOf(lines: readonly Line[], shape: Line['shape'], figure: 'ms' | 'approve_ms' = 'ms'): number {
  return median(lines.filter((round) => round.shape === shape).map((round) => round[figure]))
}

/**
 * A layered graph of 1,000 instant tasks and 10,000 independent ones, from ready to the end of their projects, each run
 * exactly once; against the same graphs in straight SQLite, by turns.
 */
export async function benchCore(rounds: number): Promise<string[]> {
  const baton: Line[] = []
  const straight: Line[] = []
  for (let round = 0; round < rounds; round += 1) {
    straight.push(...(await roundsOf('straight-rounds.ts')))
    baton.push(...(await roundsOf('core-rounds.ts')))
  }
  const dag = msOf(baton, 'dag')
  const flat = msOf(baton, 'flat')
  const rate = (10_000 / flat) * 1_000
  const rss = Math.max(...baton.map((round) => round.rss_bytes))
  const ok = [...baton, ...straight].every((round) => round.ok)
  if (!ok) process.exitCode = 1
  const bareDag = msOf(straight, 'dag')
  const bareFlat = msOf(straight, 'flat')
  const ratios = `dag_ratio=${asRatio(dag, bareDag)} rate_ratio=${asRatio(bareFlat, flat)}`
  return [
    `baton dag_ms=${dag.toFixed(1)} flat_ms=${flat.toFixed(1)} tasks_per_s=${rate.toFixed(0)} rss_mb=${inMegabytes(rss)} ok=${ok}`,
    `straight-sqlite dag_ms=${bareDag.toFixed(1)} flat_ms=${bareFlat.toFixed(1)} tasks_per_s=${((10_000 / bareFlat) * 1_000).toFixed(0)} ${ratios}`,
    `approval of 1000 tasks approve_ms=${msOf(baton, 'dag', 'approve_ms').toFixed(1)}`,
  ]
}
