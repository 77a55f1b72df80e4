/** Asks a thread while the system gives no other thread, and again when it does. Prints both answers. */

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createQuestionThread } from '../../src-main/core/thread/question-thread.ts'

// The limit does not bind the superuser.
process.setuid?.(65_534)

const PROGRAM = `
import { parentPort } from 'node:worker_threads'
parentPort.on('message', ({ id, given }) => parentPort.postMessage({ id, ok: true, answer: given + 1 }))
`
type Add = { add: { given: number; answer: number } }
const thread = createQuestionThread<Add>(new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`), null, 16)

/** Starts threads until the system refuses one. */
async function startAll(): Promise<Worker[]> {
  const started: Worker[] = []
  try {
    for (;;) {
      const worker = new Worker('setInterval(() => undefined, 1e6)', { eval: true })
      await once(worker, 'online')
      started.push(worker)
    }
  } catch {
    return started
  }
}

const others = await startAll()
const meanwhile = await Promise.all([thread.ask('add', 1), thread.ask('add', 2)])
await Promise.all(others.map((worker) => worker.terminate()))
const afterwards = await thread.ask('add', 3)
process.stdout.write(JSON.stringify({ meanwhile, afterwards }))
await thread.close()
