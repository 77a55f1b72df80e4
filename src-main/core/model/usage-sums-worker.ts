/** Thread that sums calls up, which reads all of them. It sees what is committed, and writes nothing. */
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { answerOn } from '../thread/thread-port.ts'
import { sumUsage, type UsageSumsOperations } from './usage-sums.ts'

const { data_dir } = workerData as { readonly data_dir: string }
const sqlite = new Database(join(data_dir, 'baton.db'), { readonly: true, fileMustExist: true, timeout: 5_000 })

if (parentPort !== null) answerOn<UsageSumsOperations>(parentPort, { sum: (question) => sumUsage(sqlite, question) })
