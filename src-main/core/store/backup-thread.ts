import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import type { UnfinishedBackup } from './backup-content.ts'

/** Work with whole backups, which reads gigabytes and must not hold up the loop. */
export type BackupTask =
  | { readonly kind: 'finish'; readonly unfinished: UnfinishedBackup }
  | { readonly kind: 'check'; readonly folder: string }

/** Why there is no backup, or what is wrong with one. */
const answer = z.strictObject({ problems: z.array(z.string()) })
export type BackupAnswer = z.infer<typeof answer>

/** In the sources the thread is TypeScript too; the build makes it an entry of its own. */
const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? './backup-worker.ts' : './backup-worker.js', import.meta.url)

/** Does `task` in a thread of its own; ends it where `signal` aborts. */
export async function runBackupTask(task: BackupTask, signal: AbortSignal): Promise<Result<BackupAnswer, string>> {
  // The host's flags are not meant for it.
  const worker = new Worker(PROGRAM, { workerData: task, execArgv: [] })
  try {
    const [message] = await once(worker, 'message', { signal })
    return ok(answer.parse(message))
  } catch (fault) {
    return err(signal.aborted ? 'Baton was ended in the middle.' : (fault as Error).message)
  } finally {
    await worker.terminate()
  }
}
