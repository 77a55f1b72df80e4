import type { MessagePort } from 'node:worker_threads'

/** What a thread can be asked for: by name, what it gets and what it answers. Everything is plain data. */
export type Operations = Readonly<Record<string, { readonly given: unknown; readonly answer: unknown }>>

export type Handlers<Ops extends Operations> = {
  readonly [Name in keyof Ops]: (given: Ops[Name]['given']) => Ops[Name]['answer'] | Promise<Ops[Name]['answer']>
}

export interface Asked {
  readonly id: number
  readonly name: string
  readonly given: unknown
}
export type Answered =
  | { readonly id: number; readonly ok: true; readonly answer: unknown }
  | { readonly id: number; readonly ok: false; readonly error: string }

/** Answers, in a thread, what the other side asks: one question after another. */
export function answerOn<Ops extends Operations>(port: MessagePort, handlers: Handlers<Ops>): void {
  let turn: Promise<void> = Promise.resolve()
  port.on('message', (asked: Asked) => {
    turn = turn.then(async () => {
      let answered: Answered
      try {
        // The other side's types say that the name and what is given belong together.
        const handler = handlers[asked.name as keyof Ops] as (given: unknown) => unknown
        answered = { id: asked.id, ok: true, answer: await handler(asked.given) }
      } catch (cause) {
        answered = { id: asked.id, ok: false, error: cause instanceof Error ? cause.message : String(cause) }
      }
      port.postMessage(answered)
    })
  })
}
