import { encodeId } from '#contract/ids.ts'
import { worstBatchedMicros } from '../batch/batch-price.ts'
import type { Denied } from '../budget/ledger.ts'
import { imageTokensBound } from '../model/image-tokens.ts'
import { worstCaseMicros } from '../model/price-table.ts'
import type { ModelRequest } from '../model/provider.ts'
import { imagesOf } from '../model/request-images.ts'
import type { Tx } from '../store/write-queue.ts'
import type { StepPlace } from './journal.ts'
import type { RunFrame } from './run-frame.ts'

/** Below this an answer is of no use, so the ledger does not shrink the output bound further (B2). */
const MIN_OUTPUT_TOKENS = 1_024
/** Tokens that a provider may add to the input for tools and structured output, which our bytes do not show. */
const HIDDEN_INPUT_TOKENS = 1_024

/** A call for which money is set aside and that is in the journal. */
export interface OpenCall {
  readonly ok: true
  readonly step_id: number
  readonly attempt: number
  readonly reservation_id: number | null
  readonly max_tokens: number
}

/** Upper bound of the input in tokens: no tokenizer makes more tokens than the text has bytes; images are counted apart. */
export function inputBound(request: ModelRequest, provider: string): number {
  const { hint: _, ...sent } = request
  const images = imagesOf(request).reduce((sum, image) => sum + imageTokensBound(provider, image), 0)
  return Buffer.byteLength(JSON.stringify(sent)) + HIDDEN_INPUT_TOKENS + images
}

/**
 * How a call is made. `direct`: it is sent as soon as this is committed. `batched`: it may still wait for its batch, which is
 * sent and priced later.
 */
export interface CallTerms {
  readonly kind: 'direct' | 'batched'
}

/** Sets the worst case of a call aside, and writes it down. Where it is made directly, both are marked as sent already. */
export function openCall(
  tx: Tx,
  { services, run, provider, profile }: RunFrame,
  place: StepPlace,
  request: ModelRequest,
  { kind }: CallTerms,
): OpenCall | Denied {
  let reservation_id: number | null = null
  let max_tokens = request.max_tokens
  if (provider.paid) {
    const input_tokens_bound = inputBound(request, provider.id)
    const now = Date.now()
    const granted = services.ledger.reserve(tx, {
      provider: provider.id,
      model: profile.model,
      project_id: run.project_id,
      task_id: run.task_id,
      run_id: run.id,
      max_tokens,
      min_tokens: Math.min(MIN_OUTPUT_TOKENS, max_tokens),
      worstCase(tokens) {
        const bound = { input_tokens_bound, max_tokens: tokens }
        const worst =
          kind === 'direct'
            ? worstCaseMicros(services.prices, bound, profile.model, now)
            : worstBatchedMicros(services.prices, bound, profile.model, now)
        if (worst === null) throw new Error(`No price for ${profile.model}, although routing checked it`)
        return worst
      },
    })
    if (!granted.ok) return granted
    reservation_id = granted.reservation_id
    max_tokens = granted.max_tokens
    services.failpoint('after-reserve')
    if (kind === 'direct') services.ledger.markSent(tx, reservation_id)
    services.keyUse.note(tx, provider.id, encodeId('project', run.project_id))
  }
  const { hint: _, ...input } = request
  const step = services.journal.begin(tx, run, {
    ...place,
    kind: 'model',
    name: profile.name,
    input: { ...input, max_tokens },
    reservation_id,
  })
  return { ok: true, step_id: step.id, attempt: step.attempt, reservation_id, max_tokens }
}
