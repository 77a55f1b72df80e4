/** Thread that finishes and checks backups; see `backup-thread.ts`. */
import { parentPort } from 'node:worker_threads'
import { answerOn } from '../thread/thread-port.ts'
import { backupProblems, finishBackup } from './backup-content.ts'
import type { BackupOperations } from './backup-thread.ts'

if (parentPort !== null)
  answerOn<BackupOperations>(parentPort, {
    check: (folder) => ({ problems: backupProblems(folder) }),
    finish(unfinished) {
      const finished = finishBackup(unfinished)
      return { problems: finished.ok ? [] : [finished.error] }
    },
  })
