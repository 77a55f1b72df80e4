import { Worker } from 'node:worker_threads'
import { err, ok, type Result } from '#contract/result.ts'
import type { Answered, Asked, Operations } from './thread-port.ts'

/** Why a question to a thread got no answer. */
export interface ThreadFault {
  readonly kind: 'cancelled' | 'out_of_time' | 'out_of_memory' | 'broken'
  readonly message: string
}

export interface AskOptions {
  readonly signal?: AbortSignal
  /** After so many ms of work on it the thread is ended. */
  readonly deadline_ms?: number
  /** So much more memory of the whole process than when it began, and the thread is ended. */
  readonly memory_bytes?: number
}

/**
 * A thread that is started with its first question, answers one after another, and is started anew after its end, whatever
 * that was. Cancelling ends the thread where it is at work on the question: what it holds open is closed, and a transaction
 * that was not committed has not happened.
 */
export interface QuestionThread<Ops extends Operations> {
  ask<Name extends keyof Ops & string>(
    name: Name,
    given: Ops[Name]['given'],
    options?: AskOptions,
  ): Promise<Result<Ops[Name]['answer'], ThreadFault>>
  /** Ends the thread, in the middle of its work too, and whatever it has open; the next question begins another. */
  rest(): Promise<void>
  close(): Promise<void>
}

/** A file, or the program's own text, which needs no file in the bundled builds. */
export type ThreadProgram = URL | { readonly text: string }

interface Question extends AskOptions {
  readonly asked: Asked
  settle(result: Result<unknown, ThreadFault>): void
}

const WATCH_MS = 100
const CLOSED: ThreadFault = { kind: 'cancelled', message: 'Baton is stopping.' }

/** The system has no thread, memory or file handle for it now; that passes. */
const REFUSED = 'ERR_WORKER_INIT_FAILED'

function faultOf(cause: unknown): ThreadFault {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return { kind: 'out_of_memory', message }
  const refused = `The system gave no thread for it (${message}). Try again when less runs on this machine.`
  return { kind: 'broken', message: code === REFUSED ? refused : message }
}

/** `heapMegabytes`: how large its heap may become; null: as large as the host's. */
export function createQuestionThread<Ops extends Operations>(
  program: ThreadProgram,
  workerData: unknown,
  heapMegabytes: number | null,
): QuestionThread<Ops> {
  let worker: Worker | null = null
  let current: Question | null = null
  let endCurrent: () => void = () => undefined
  let lastId = 0
  let isClosed = false
  const waiting: Question[] = []

  function start(): Worker {
    const isFile = program instanceof URL
    const made = new Worker(isFile ? program : program.text, {
      workerData,
      eval: !isFile,
      // The host's flags are not meant for it.
      execArgv: [],
      ...(heapMegabytes === null ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMegabytes } }),
    })
    made.unref()
    made.on('message', (answered: Answered) => {
      if (made !== worker || current === null || answered.id !== current.asked.id) return
      finish(answered.ok ? ok(answered.answer) : err({ kind: 'broken', message: answered.error }))
    })
    made.on('error', (cause) => {
      if (made !== worker) return
      worker = null
      finish(err(faultOf(cause)))
    })
    made.on('exit', () => {
      if (made !== worker) return
      worker = null
      finish(err({ kind: 'broken', message: 'The thread ended.' }))
    })
    return made
  }

  /** Ends the thread, in the middle of its work too. */
  async function breakOff(fault: ThreadFault): Promise<void> {
    const ended = worker
    if (ended === null) return
    worker = null
    // The next question waits until what this one held is free.
    await ended.terminate()
    finish(err(fault))
  }

  /** The same, and nothing that waits is asked any more. */
  function end(fault: ThreadFault): Promise<void> {
    for (const { settle } of waiting.splice(0)) settle(err(fault))
    return breakOff(fault)
  }

  function finish(result: Result<unknown, ThreadFault>): void {
    const done = current
    if (done === null) return
    current = null
    endCurrent()
    done.settle(result)
    next()
  }

  function next(): void {
    if (current !== null) return
    const question = waiting.shift()
    if (question === undefined) return
    if (question.signal?.aborted === true) {
      question.settle(err({ kind: 'cancelled', message: 'It was cancelled before it began.' }))
      next()
      return
    }
    current = question
    endCurrent = watch(question)
    try {
      worker ??= start()
      worker.ref()
      worker.postMessage(question.asked)
    } catch (cause) {
      // Also for what cannot be sent to a thread.
      finish(err(faultOf(cause)))
    }
  }

  function watch({ signal, deadline_ms, memory_bytes }: AskOptions): () => void {
    const before = process.memoryUsage.rss()
    const onAbort = (): void => void breakOff({ kind: 'cancelled', message: 'It was cancelled.' })
    signal?.addEventListener('abort', onAbort)
    const deadline =
      deadline_ms === undefined
        ? undefined
        : setTimeout(
            () =>
              void breakOff({
                kind: 'out_of_time',
                message: `It took more than ${Math.round(deadline_ms / 1_000)} s.`,
              }),
            deadline_ms,
          )
    const memory =
      memory_bytes === undefined
        ? undefined
        : setInterval(() => {
            if (process.memoryUsage.rss() - before > memory_bytes)
              void breakOff({
                kind: 'out_of_memory',
                message: `It took more than ${Math.round(memory_bytes / 1_048_576)} MB.`,
              })
          }, WATCH_MS)
    return () => {
      signal?.removeEventListener('abort', onAbort)
      clearTimeout(deadline)
      clearInterval(memory)
      worker?.unref()
    }
  }

  return {
    ask(name, given, options = {}) {
      if (isClosed) return Promise.resolve(err(CLOSED))
      lastId += 1
      const asked: Asked = { id: lastId, name, given }
      return new Promise((resolve) => {
        waiting.push({
          ...options,
          asked,
          // The handlers' types say what the thread answers to this name.
          settle: (result) => resolve(result as Result<Ops[typeof name]['answer'], ThreadFault>),
        })
        next()
      })
    },
    rest: () => end({ kind: 'cancelled', message: 'It was broken off.' }),
    close() {
      isClosed = true
      return end(CLOSED)
    },
  }
}
