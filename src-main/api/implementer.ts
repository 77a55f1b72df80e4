import { implement } from '@orpc/server'
import { contract } from '#contract/contract.ts'
import type { Core } from '#core/core.ts'
import { correlated, correlation, newCorrelationId } from '#core/correlation.ts'
import { StorageFault, troubleOf } from '#core/store/trouble.ts'
import { explainBadInput } from './explain-bad-input.ts'
import { toRouteError } from './unwrap.ts'

/** What every handler is given. */
export interface ApiContext {
  readonly core: Core
}

/** The contract, to be filled in by one file per group. */
export const api = implement(contract)
  .$context<ApiContext>()
  .use(async ({ next }) => {
    const { correlation_id } = correlation()
    try {
      // Over HTTP the request has one already; calls of the window and of this process's commands get theirs here.
      return await (correlation_id === null ? correlated({ correlation_id: newCorrelationId() }, () => next()) : next())
    } catch (fault) {
      throw explainBadInput(fault) ?? explainStorage(fault) ?? fault
    }
  })

/** A read that the disk failed (D4). */
function explainStorage(fault: unknown): Error | null {
  const kind = troubleOf(fault)
  return kind === null ? null : toRouteError({ code: 'unavailable', message: new StorageFault(kind).message })
}
