import { err, ok, type Result } from '#contract/result.ts'
import { createQuestionThread } from '../thread/question-thread.ts'
import type { UnfinishedBackup } from './backup-content.ts'

/** Why there is no backup, or what is wrong with one. */
export interface BackupAnswer {
  readonly problems: string[]
}

/** Work with whole backups, which reads gigabytes and must not hold up the loop. */
export type BackupOperations = {
  finish: { readonly given: UnfinishedBackup; readonly answer: BackupAnswer }
  /** `given`: the backup's folder. */
  check: { readonly given: string; readonly answer: BackupAnswer }
}

/** In the sources the thread is TypeScript too; the build makes it an entry of its own. */
const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? './backup-worker.ts' : './backup-worker.js', import.meta.url)

/** Does one piece of work in a thread of its own; ends it where `signal` aborts. */
export async function inBackupThread<Name extends keyof BackupOperations>(
  name: Name,
  given: BackupOperations[Name]['given'],
  signal: AbortSignal,
): Promise<Result<BackupAnswer, string>> {
  const thread = createQuestionThread<BackupOperations>(PROGRAM, null, null)
  try {
    const answered = await thread.ask(name, given, { signal })
    if (answered.ok) return ok(answered.value)
    return err(signal.aborted ? 'Baton was ended in the middle.' : answered.error.message)
  } finally {
    await thread.close()
  }
}
