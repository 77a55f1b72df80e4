/** `npm run bench [-- names]`: prints medians of real runs on temporary folders. Names select; without one, all run. */
import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { benchCore } from './core.ts'
import { benchDemo } from './demo.ts'
import { benchEconomy } from './economy.ts'
import { benchEstimates } from './estimates.ts'
import { benchGpu } from './gpu.ts'
import { benchKnowledge } from './knowledge.ts'
import { root } from './measure-process.ts'
import { benchScale } from './scale.ts'
import { benchStartup } from './startup.ts'
import { benchUi } from './ui.ts'

interface Benchmark {
  readonly needsBuild: boolean
  readonly rounds: number
  run(rounds: number): Promise<string[]>
}

const benchmarks: Readonly<Record<string, Benchmark>> = {
  startup: { needsBuild: true, rounds: 7, run: benchStartup },
  demo: { needsBuild: true, rounds: 3, run: benchDemo },
  core: { needsBuild: false, rounds: 7, run: benchCore },
  scale: { needsBuild: false, rounds: 1, run: benchScale },
  economy: { needsBuild: false, rounds: 20, run: benchEconomy },
  estimates: { needsBuild: false, rounds: 1, run: benchEstimates },
  knowledge: { needsBuild: false, rounds: 1, run: benchKnowledge },
  gpu: { needsBuild: false, rounds: 1, run: benchGpu },
  ui: { needsBuild: true, rounds: 1, run: benchUi },
}

function build(): boolean {
  const script = join(root, 'scripts', 'build.ts')
  return spawnSync(process.execPath, [script, '--if-stale'], { stdio: ['ignore', 2, 2] }).status === 0
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !(name in benchmarks))
  if (unknown.length > 0) {
    console.error(`No benchmark is named ${unknown.join(', ')}. There are: ${Object.keys(benchmarks).join(', ')}.`)
    return 2
  }
  const chosen = Object.entries(benchmarks).filter(([name]) => names.length === 0 || names.includes(name))
  if (chosen.some(([, { needsBuild }]) => needsBuild) && !build()) {
    console.error('The build failed, so the program cannot be measured; the reason stands above.')
    return 1
  }
  const model = cpus()[0]?.model ?? 'unknown processor'
  console.log(`machine cores=${availableParallelism()} node=${process.versions.node} ${process.platform} ${model}`)
  for (const [, { rounds, run }] of chosen) for (const line of await run(rounds)) console.log(line)
  return 0
}

process.exitCode = (await main(process.argv.slice(2))) || process.exitCode
