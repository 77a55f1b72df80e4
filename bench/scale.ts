import { join } from 'node:path'
import { z } from 'zod'
import { measureProcess } from './measure-process.ts'
import { OPEN_SHAPES } from './open-tasks.ts'

const OPEN_TASKS = [1_000, 10_000, 100_000]
/** Within this the database is to grow to a million tasks; where the machine is too slow, its size is extrapolated. */
const GROWING_SECONDS = 270
const WHOLE = 1_000_000

const turns = z.object({
  turns: z.number(),
  p50_ms: z.number(),
  p95_ms: z.number(),
  p50_cpu_ms: z.number(),
  p95_cpu_ms: z.number(),
})
const database = z.object({
  tasks: z.number(),
  bytes: z.number(),
  open_ms: z.number(),
  first_task_ms: z.number(),
  ended: z.number(),
  stranded: z.number(),
  hold_ups: z.record(z.string(), z.number()),
})

async function lineOf(script: string, ...args: readonly string[]): Promise<unknown> {
  const { stdout } = await measureProcess([join(import.meta.dirname, script), ...args])
  return JSON.parse(stdout)
}

async function turnLines(): Promise<string[]> {
  const lines: string[] = []
  for (const shape of OPEN_SHAPES) {
    for (const tasks of OPEN_TASKS) {
      const found = turns.parse(await lineOf('scale-turns.ts', String(tasks), shape))
      const wall = `p50_ms=${found.p50_ms.toFixed(1)} p95_ms=${found.p95_ms.toFixed(1)}`
      const work = `p50_cpu_ms=${found.p50_cpu_ms.toFixed(1)} p95_cpu_ms=${found.p95_cpu_ms.toFixed(1)}`
      lines.push(`turn open_tasks=${tasks} ${shape} ${wall} ${work} turns=${found.turns}`)
    }
  }
  return lines
}

/** How the core behaves with much to do and with a long past. Sets the exit code where a task is left behind after a kill. */
export async function benchScale(): Promise<string[]> {
  const lines = await turnLines()
  const { tasks, bytes, hold_ups, ...after } = database.parse(
    await lineOf('scale-database.ts', String(GROWING_SECONDS)),
  )
  if (after.stranded > 0) process.exitCode = 1
  const gigabytes = ((bytes / tasks) * WHOLE) / 1e9
  const how = tasks === WHOLE ? 'measured' : `extrapolated from ${tasks} tasks`
  return [
    ...lines,
    `database gb_per_million_tasks=${gigabytes.toFixed(2)} ${how}`,
    `after a kill with ${tasks} finished tasks open_ms=${after.open_ms.toFixed(0)} first_task_ms=${after.first_task_ms.toFixed(0)} ended=${after.ended} stranded=${after.stranded}`,
    `longest hold-up with ${tasks} finished tasks ${Object.entries(hold_ups)
      .map(([name, ms]) => `${name}=${ms}`)
      .join(' ')}`,
  ]
}
