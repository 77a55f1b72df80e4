import { join } from 'node:path'
import { inMegabytes, median } from './figures.ts'
import { type Measured, measureProcess, root } from './measure-process.ts'

/** The sample project from its requirement to verified files with the demo model, without pauses for the eye. */
export async function benchDemo(rounds: number): Promise<string[]> {
  const runs: Measured[] = []
  for (let round = 0; round < rounds; round += 1) {
    runs.push(await measureProcess([join(root, 'bin', 'baton.cjs'), 'demo', '--pace', '0']))
  }
  const ms = median(runs.map((run) => run.ms))
  return [`demo ms=${ms.toFixed(0)} rss_mb=${inMegabytes(median(runs.map((run) => run.rss_bytes)))}`]
}
