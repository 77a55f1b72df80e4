import { z } from 'zod'
import type { BlobStore } from '../../src-main/core/store/blob-store.ts'
import type { Double } from '../doubles/double-server.ts'

/** What a double was asked, and what it billed for it. */
export interface Asked {
  times: number
  billed_micros: number
}

const block = z.looseObject({ type: z.string(), text: z.string().optional() })
const wireBody = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(block)]) })),
})
const journaledRequest = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), text: z.string().default('') })),
})

/**
 * Names a question by what it is about (the first thing that a person says in it) and how far the conversation has come, so
 * that it is the same in the journal and on the wire of any provider.
 */
function question(first: string, answersSoFar: number): string {
  return `${first}#${answersSoFar}`
}

/** `blobs`: where large requests lie. */
export function journaledQuestion(input: string, blobs: Pick<BlobStore, 'get'>): string {
  const stored: unknown = JSON.parse(input)
  const reference = z.object({ $blob: z.string() }).safeParse(stored)
  const { messages } = journaledRequest.parse(reference.success ? JSON.parse(blobs.get(reference.data.$blob)) : stored)
  const first = messages.find((message) => message.role === 'user')?.text ?? ''
  return question(first, messages.filter((message) => message.role === 'assistant').length)
}

function wireQuestion(body: unknown): string {
  const { messages } = wireBody.parse(body)
  const content = messages.find((message) => message.role === 'user')?.content ?? ''
  const first = typeof content === 'string' ? content : (content.find((part) => part.type === 'text')?.text ?? '')
  return question(first, messages.filter((message) => message.role === 'assistant').length)
}

/** Every question that arrived at a double, refused ones too. */
export function askedOf(doubles: readonly Double[]): Map<string, Asked> {
  const asked = new Map<string, Asked>()
  for (const call of doubles.flatMap((double) => double.record.calls)) {
    if (call.path !== '/v1/messages' && call.path !== '/api/chat') continue
    const name = wireQuestion(call.body)
    const sum = asked.get(name) ?? { times: 0, billed_micros: 0 }
    sum.times += 1
    // Rounded up call by call, as Baton books it.
    sum.billed_micros += Math.ceil(call.billed_micros)
    asked.set(name, sum)
  }
  return asked
}

export function billedBy(doubles: readonly Double[]): number {
  const calls = doubles.flatMap((double) => double.record.calls)
  return calls.reduce((sum, call) => sum + Math.ceil(call.billed_micros), 0)
}
