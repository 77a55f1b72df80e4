/**
 * Opens core after a kill and lets all of its work end: `node bench/scale-reopen.ts <data folder>`. One JSON line: how long
 * opening took, how long after it the first task began, how many ended, and how many tasks are not done.
 */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { createCore } from '#core/create-core.ts'
import type { Engine } from '#core/execution/engine.ts'
import { createInstantEngine } from './instant-engine.ts'

const dataDir = z.string().parse(process.argv[2])
const instant = createInstantEngine(false)
let first: number | null = null
const log = { info: () => undefined, warn: () => undefined, error: console.error }
const began = performance.now()
const opened = await createCore({ data_dir: dataDir, version: 'bench', demo: true, log }, (services): Engine => {
  const engine = instant.engine(services)
  return {
    ...engine,
    submit(run) {
      first ??= performance.now()
      engine.submit(run)
    },
  }
})
if (!opened.ok) throw new Error(opened.error.message)
const core = opened.value
const open = performance.now()
core.execute('all')
await core.idle()
await core.close()
const sqlite = new Database(join(dataDir, 'baton.db'), { readonly: true })
const stranded = sqlite.prepare<[], number>("SELECT count(*) FROM task WHERE state <> 'succeeded'").pluck().get() ?? -1
sqlite.close()
const figures = { open_ms: open - began, first_task_ms: (first ?? Number.POSITIVE_INFINITY) - open }
console.log(JSON.stringify({ ...figures, ended: instant.submitted.size, stranded }))
