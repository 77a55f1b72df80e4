import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { encodeId } from '#contract/ids.ts'
import { imageMediaType } from '#contract/image.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { canHeal, type ModelFault } from '../model/fault.ts'
import type { BatchedRequest, ModelBatches, ModelRequest } from '../model/provider.ts'
import { withImageBytes } from '../model/request-images.ts'
import { step as stepTable } from '../store/schema.ts'
import type { OpenRequest } from './batch-book.ts'
import type { BatchParts, BatchSignals } from './batch-parts.ts'
import { endRequest, type RequestEnd } from './end-request.ts'
import { noteFault } from './note-provider.ts'
import { tellTasks } from './take-back.ts'

/** Well below what Anthropic takes (256 MB), because all of it is in memory while it is sent. */
const MAX_BYTES = 64 * 1_048_576

const toolCall = z.lazy(() =>
  z.object({
    id: z.string(),
    name: z.string(),
    arguments: z.unknown(),
    signature: z.string().optional(),
  }),
)
const journaledImage = z.lazy(() =>
  z.object({
    path: z.string(),
    sha256: z.string(),
    media_type: imageMediaType,
    bytes: z.number(),
    width: z.number(),
    height: z.number(),
  }),
)
/** A request as the journal keeps it. */
const journaledRequest = z.lazy(() =>
  z.object({
    model: z.string(),
    system: z.string(),
    messages: z.array(
      z.discriminatedUnion('role', [
        z.object({ role: z.literal('user'), text: z.string(), images: z.array(journaledImage).exactOptional() }),
        z.object({ role: z.literal('assistant'), text: z.string(), tool_calls: z.array(toolCall) }),
        z.object({
          role: z.literal('tool'),
          tool_call_id: z.string(),
          name: z.string(),
          text: z.string(),
          is_error: z.boolean(),
        }),
      ]),
    ),
    tools: z.array(
      z.object({ name: z.string(), description: z.string(), parameters: z.record(z.string(), z.unknown()) }),
    ),
    max_tokens: z.number(),
    output_schema: z.record(z.string(), z.unknown()).exactOptional(),
  }),
)

/** How a provider names a call of ours: unique also among those of other machines with the same key. */
export function nameOf(mark: string, requestId: number): string {
  return `${mark}_${requestId}`
}

/** Calls of one provider that may leave, oldest first, and when (ms) the next batch of them is to be sent. */
export function nextBatch(
  parts: BatchParts,
  provider: string,
): { readonly calls: readonly OpenRequest[]; readonly at: number } | null {
  const { settings, book, isAllowed } = parts
  const { local_only, batch_window_ms, batch_max_requests } = settings.settings()
  if (local_only || settings.paused()) return null
  const free = book
    .collecting()
    .filter(
      (call) =>
        call.provider === provider && call.local === 0 && call.paused === 0 && call.wanted === 1 && call.hurried === 0,
    )
    .filter((call) => isAllowed(call.project_id))
  const calls = fitting(free, batch_max_requests)
  const first = calls[0]
  if (first === undefined) return null
  const isFull = calls.length < free.length || calls.length === batch_max_requests
  return { calls, at: isFull ? 0 : first.created_at + batch_window_ms }
}

function fitting(calls: readonly OpenRequest[], most: number): OpenRequest[] {
  let bytes = 0
  const end = calls.findIndex((call, at) => {
    bytes += call.bytes
    return at >= most || (at > 0 && bytes > MAX_BYTES)
  })
  return end === -1 ? [...calls] : calls.slice(0, end)
}

/**
 * Sends a batch: that it is on its way is durable before its first byte (B2), and its provider's name for it is kept as soon
 * as it is known. Where it is not known whether it arrived, it stays `sending`, and is looked for. A call that cannot be put
 * together any more ends by itself. To be called after a yes of the provider's board.
 */
export async function sendBatch(
  parts: BatchParts,
  batches: ModelBatches,
  provider: string,
  chosen: readonly OpenRequest[],
  signals: BatchSignals,
): Promise<void> {
  const { store, book, ledger, settings, board, log, failpoint } = parts
  const mark = randomUUID().replaceAll('-', '')
  const requests: BatchedRequest[] = []
  const calls: OpenRequest[] = []
  for (const call of chosen) {
    const request = await toRequest(parts, call)
    if (request.ok) {
      calls.push(call)
      requests.push({ name: nameOf(mark, call.id), request: request.value })
    } else await endUnreadable(parts, call, request.error)
  }
  if (calls.length === 0) {
    board.left(provider)
    return
  }
  const { batch_poll_ms, step_timeout_ms } = settings.settings()
  const id = await store.tryWrite((tx) => {
    const ids = calls.map((call) => call.id)
    // Their images were read meanwhile: what must not leave any more stays, and the rest is chosen anew.
    const free = new Set(nextBatch(parts, provider)?.calls.map((call) => call.id))
    if (!ids.every((each) => free.has(each))) return null
    const batch = book.begin(tx, { provider, mark, look_at: Date.now() + batch_poll_ms }, ids)
    for (const { reservation_id } of calls) ledger.markSent(tx, reservation_id)
    tellTasks(parts, tx, batch)
    return batch
  })
  if (id === null) {
    board.left(provider)
    return
  }
  failpoint('before-batch-sent')
  const sent = await batches.create(requests, AbortSignal.any([signals.sending, AbortSignal.timeout(step_timeout_ms)]))
  failpoint('after-batch-sent')
  if (sent.ok) {
    board.worked(provider, true)
    await store.write((tx) => {
      book.moveBatch(tx, id, 'waiting', sent.value.id)
      tellTasks(parts, tx, id)
    })
    failpoint('after-batch-noted')
    log.info('A batch was sent', { provider, requests: calls.length, batch: sent.value.id })
    return
  }
  const fault = sent.error
  noteFault(parts, provider, fault)
  log.warn('A batch was not taken', { provider, requests: calls.length, fault: fault.message })
  // Whether it arrived will be looked for.
  if (fault.maybe_billed) return
  await store.write((tx) => {
    const end = endOf(fault, calls.length)
    for (const row of book.sentOf(id)) endRequest(parts, tx, row, end, true)
    book.moveBatch(tx, id, 'ended')
  })
}

/** What becomes of the calls of a batch that was not taken. */
function endOf(fault: ModelFault, calls: number): RequestEnd {
  if (fault.kind === 'aborted') return { kind: 'unsent' }
  const isOfOne = !canHeal(fault) && fault.kind !== 'auth' && fault.kind !== 'billing'
  // One of many may have spoilt it: each is asked by itself then, and only that one fails.
  return isOfOne && calls > 1 ? { kind: 'unasked', why: 'expired' } : { kind: 'refused', fault }
}

/** Only its own run hears of it: the others of its batch have what they need. */
async function endUnreadable(parts: BatchParts, { id, step_id }: OpenRequest, message: string): Promise<void> {
  const { store, book, log } = parts
  log.error('A call cannot go into a batch', { step_id: encodeId('step', step_id), fault: message })
  await store.write((tx) => {
    const row = book.get(id)
    const fault: ModelFault = { kind: 'invalid', message, maybe_billed: false }
    if (row !== undefined) endRequest(parts, tx, row, { kind: 'refused', fault }, false)
  })
}

/** The call as it was written down, with its images; the error is a sentence that says what is missing. */
async function toRequest(
  { store, journal, images }: BatchParts,
  call: OpenRequest,
): Promise<Result<ModelRequest, string>> {
  const step = store.orm.select({ input: stepTable.input }).from(stepTable).where(eq(stepTable.id, call.step_id)).get()
  if (step === undefined) throw new Error(`Step ${call.step_id} of a call that its run waits for is gone`)
  const written = writtenDown(journal, step.input)
  if (!written.ok) return written
  return withImageBytes(written.value, images.base64)
}

/** A large one lies in a file of the data folder, which may be gone. */
function writtenDown(journal: BatchParts['journal'], input: unknown): Result<ModelRequest, string> {
  try {
    return ok(journaledRequest.parse(journal.value(input)))
  } catch (cause) {
    return err(
      `What was to be asked cannot be read, because a file of Baton's data folder is gone or damaged (${String(cause)}). Retry the task.`,
    )
  }
}
