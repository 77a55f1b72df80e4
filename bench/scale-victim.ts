/** Begins 16 runs that never end, says so, and waits to be killed: `node bench/scale-victim.ts <data folder>`. */
import { z } from 'zod'
import { CONCURRENCY } from './graph-shapes.ts'
import type { InstantEngine } from './instant-engine.ts'
import { openPlans } from './open-tasks.ts'
import { approve, openCore, start } from './prepared-core.ts'

/** Never tells of an end. */
function silentEngine(onFull: () => void): InstantEngine {
  const submitted = new Map<number, number>()
  return {
    submitted,
    engine: () => ({
      submit({ run_id }) {
        submitted.set(run_id, 1)
        if (submitted.size === CONCURRENCY) onFull()
      },
      cancel: () => undefined,
      stopSoon: () => undefined,
      observe: () => undefined,
    }),
  }
}

const core = await openCore(
  z.string().parse(process.argv[2]),
  silentEngine(() => console.log('in flight')),
)
for (const plan of openPlans('flat', 1_000)) await approve(core, plan)
await start(core)
setInterval(() => undefined, 1_000)
