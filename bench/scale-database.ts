/**
 * A long-lived database, made by real approvals and an instant engine: `node bench/scale-database.ts <seconds>`. It grows to a
 * million finished tasks, or as far as the time allows. Then a core on it is killed with 16 runs in flight, and the next one
 * is measured, and for how long a core on it holds everybody up. One JSON line on stdout.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { createInstantEngine } from './instant-engine.ts'
import { openPlans } from './open-tasks.ts'
import { approve, openCore, start } from './prepared-core.ts'
import { writtenBytes } from './written.ts'

const WHOLE = 1_000_000
const STEP = 10_000

const reopened = z.object({ open_ms: z.number(), first_task_ms: z.number(), ended: z.number(), stranded: z.number() })
const holdUps = z.record(z.string(), z.number())

/** Answers with how many tasks it made. */
async function grow(dataDir: string, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1_000
  const core = await openCore(dataDir, createInstantEngine(false))
  await start(core)
  let tasks = 0
  while (tasks < WHOLE && performance.now() < until) {
    for (const plan of openPlans('flat', STEP)) await approve(core, plan)
    await core.idle()
    tasks += STEP
  }
  await core.close()
  return tasks
}

function run(script: string, dataDir: string): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, script), dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The process has no output')
  const closed = once(child, 'close').then(() => ['nothing'])
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), closed])
  return String(line)
}

const dataDir = mkdtempSync(join(tmpdir(), 'baton-bench-'))
try {
  const tasks = await grow(dataDir, z.coerce.number().parse(process.argv[2] ?? 270))
  const bytes = writtenBytes(dataDir)
  const victim = run('scale-victim.ts', dataDir)
  const gone = once(victim, 'close')
  const line = await firstLine(victim)
  if (line !== 'in flight') throw new Error(`The core that is to be killed said ${line}`)
  victim.kill('SIGKILL')
  await gone
  const after = reopened.parse(JSON.parse(await firstLine(run('scale-reopen.ts', dataDir))))
  const hold_ups = holdUps.parse(JSON.parse(await firstLine(run('scale-holdups.ts', dataDir))))
  console.log(JSON.stringify({ tasks, bytes, ...after, hold_ups }))
} finally {
  rmSync(dataDir, { recursive: true, force: true })
}
