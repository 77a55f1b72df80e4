import { breakerLimits } from '../model/breaker.ts'
import { isTrouble } from '../model/fault.ts'
import type { BatchFault } from '../model/provider.ts'
import { retryAt } from '../run/retry.ts'
import type { BatchParts } from './batch-parts.ts'

/** What a question about a batch showed of its provider, once, however many calls are in the batch. */
export function noteFault({ board, settings }: BatchParts, provider: string, fault: BatchFault): void {
  if (fault.kind === 'aborted') {
    board.left(provider)
    return
  }
  const now = settings.settings()
  if (isTrouble(fault) && fault.gone !== true) {
    const limits = breakerLimits(now)
    board.failed(provider, `${fault.message} It failed ${limits.failures} times or more in a row.`, limits)
    return
  }
  board.worked(provider, false)
  if (fault.kind === 'rate_limit') board.hold(provider, retryAt(now, 1, fault.retry_after_ms), fault.message)
  if (fault.kind === 'auth' || fault.kind === 'billing')
    board.report(provider, { state: 'down', detail: fault.message, models: [] })
}
