/** Thread that finishes and checks backups; see `backup-thread.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { backupProblems, finishBackup } from './backup-content.ts'
import type { BackupAnswer, BackupTask } from './backup-thread.ts'

function work(task: BackupTask): BackupAnswer {
  if (task.kind === 'check') return { problems: backupProblems(task.folder) }
  const finished = finishBackup(task.unfinished)
  return { problems: finished.ok ? [] : [finished.error] }
}

parentPort?.postMessage(work(workerData as BackupTask))
