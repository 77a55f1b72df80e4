/**
 * `npm run test:load [-- --short]` (A6): puts load on a served core and on bare servers of the same kind, each in a process
 * of its own on loopback, one after the other, and prints what is promised of it beside what was measured. Exits with 1
 * where a target is missed; on a machine that does other work meanwhile, look at the ratios.
 */
import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { loadFigures } from './figures.ts'
import { gatherCrowd, root, serveBaton } from './processes.ts'
import { createReport } from './report.ts'
import { measureBusy } from './scenario-busy.ts'
import { measureCeilings } from './scenario-ceilings.ts'
import { measureCrowds } from './scenario-crowds.ts'
import { measureRates } from './scenario-rates.ts'

const isShort = process.argv.includes('--short')
const built = spawnSync(process.execPath, [join(root, 'scripts', 'build.ts'), '--if-stale'], {
  stdio: ['ignore', 2, 2],
})
if (built.status !== 0) throw new Error('The build failed, so the program cannot be measured; the reason stands above.')

const report = createReport()
const load = loadFigures(isShort ? 3 : 10)
const model = cpus()[0]?.model ?? 'unknown processor'
console.log(`machine cores=${availableParallelism()} node=${process.versions.node} ${process.platform} ${model}`)
console.log(`other work at the start: load average ${loadavg()[0]?.toFixed(1)}`)
const baton = await serveBaton()
const crowd = gatherCrowd()
try {
  await measureCeilings({ baton, load, report })
  await measureCrowds({ baton, crowd, report, rounds: isShort ? 10 : 30 })
  await measureRates({ baton, crowd, load, report })
  await measureBusy({ baton, report, rounds: isShort ? 5 : 15 })
} finally {
  await crowd.end()
  await baton.close()
}
process.exitCode = report.print() ? 0 : 1
