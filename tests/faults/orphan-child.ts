/**
 * A core that starts one child and is killed with it: `node orphan-child.js '{…}'`. Stdout: `pids <child> <grandchild>
 * <one that left the group>` as soon as all three run.
 */
import { writeSync } from 'node:fs'
import { z } from 'zod'
import { createEventLog } from '../../src-main/core/event/event-log.ts'
import { createFailpoint } from '../../src-main/core/failpoint.ts'
import { createChildren } from '../../src-main/core/process/children.ts'
import { processStart } from '../../src-main/core/process/process-start.ts'
import { openStore } from '../../src-main/core/store/store.ts'

export const orphanChildOptions = z.object({
  data_dir: z.string(),
  failpoints: z.array(z.string()),
  /** What the child, a shell, does; it runs in the data folder. */
  script: z.string(),
  path: z.string(),
})

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }

async function work(): Promise<void> {
  const { data_dir, failpoints, script, path } = orphanChildOptions.parse(JSON.parse(process.argv[2] ?? ''))
  const opened = openStore(data_dir, () => undefined)
  if (!opened.ok) throw new Error(opened.error.message)
  const store = opened.value
  const self = { pid: process.pid, started: processStart(process.pid) }
  const children = createChildren(store, createEventLog(store), self, SILENT, createFailpoint(failpoints))
  const started = await children.start({
    ...{ program: 'sh', args: ['-c', script], cwd: data_dir, env: { PATH: path } },
    ...{ what: 'a stubborn script', project_id: 1, run_id: 2, step_id: 3 },
  })
  if (!started.ok) throw new Error(started.error)
  started.value.process.stdout.on('data', (chunk: Buffer) => writeSync(1, chunk))
}

await work()
