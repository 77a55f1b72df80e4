/**
 * For how long a core with a long past holds everybody else up, at most, while it does something large:
 * `node bench/scale-holdups.ts <data folder>`. One JSON line in milliseconds on stdout. The folder is changed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { encodeId } from '#contract/ids.ts'
import { createCore } from '#core/create-core.ts'
import { createApp } from '#http/create-app.ts'
import { listen } from '#http/listen.ts'
import { must } from './prepared-core.ts'

const TOKEN = 'bench'
const SETTLE_MS = 1_000
const SEEN_MS = 20
/** A process that reads an answer as fast as it comes. */
const READER = `fetch(process.argv[1], { headers: { authorization: 'Bearer ${TOKEN}' } })
  .then(async (answer) => { for await (const _ of answer.body); process.exit(answer.ok ? 0 : 1) })`

const dataDir = z.string().parse(process.argv[2])
const log = { info: () => undefined, warn: () => undefined, error: console.error }
const core = must(await createCore({ data_dir: dataDir, version: 'bench', demo: true, log }))
const listener = await listen(createApp({ core, version: 'bench', token: TOKEN }), { port: 0 })
if (!listener.ok) throw new Error(listener.error)
const address = `http://127.0.0.1:${listener.value.port}/api`

async function download(path: string): Promise<void> {
  const reader = spawn(process.execPath, ['--input-type=commonjs', '-e', READER, `${address}${path}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(reader, 'close')
  if (code !== 0) throw new Error(`${path} was not answered`)
}

/** The longest time (ms) in which nothing else had a turn. */
async function holdUp(work: () => Promise<unknown>): Promise<number> {
  await sleep(SETTLE_MS)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  // A hold-up is seen between two turns of something else.
  await sleep(SEEN_MS)
  await work()
  await sleep(SEEN_MS)
  delay.disable()
  return Math.round(delay.max / 1e6)
}

const sqlite = new Database(join(dataDir, 'baton.db'), { readonly: true })
const middle = z
  .object({ run: z.number(), project: z.number() })
  .parse(
    sqlite
      .prepare(
        'SELECT id AS run, project_id AS project FROM run ORDER BY id LIMIT 1 OFFSET (SELECT max(id) / 2 FROM run)',
      )
      .get(),
  )
sqlite.close()
const run = encodeId('run', middle.run)
const project = encodeId('project', middle.project)
// What is loaded at its first use is not what is measured.
for (const path of ['/usage?limit=1', `/runs/${run}`, `/projects/${project}/attempts`]) await download(path)
const figures = {
  run_ms: await holdUp(() => download(`/runs/${run}`)),
  timeline_ms: await holdUp(() => download(`/projects/${project}/attempts`)),
  all_calls_ms: await holdUp(() => download('/usage.csv')),
  backup_ms: await holdUp(async () => must(await core.backups.create())),
  delete_ms: await holdUp(async () => must(await core.projects.remove(project))),
}
await listener.value.close()
await core.close()
console.log(JSON.stringify(figures))
