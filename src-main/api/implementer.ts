import { implement } from '@orpc/server'
import { contract } from '#contract/contract.ts'
import type { Core } from '#core/core.ts'
import { explainBadInput } from './explain-bad-input.ts'

/** What every handler is given. */
export interface ApiContext {
  readonly core: Core
}

/** The contract, to be filled in by one file per group. */
export const api = implement(contract)
  .$context<ApiContext>()
  .use(async ({ next }) => {
    try {
      return await next()
    } catch (fault) {
      throw explainBadInput(fault) ?? fault
    }
  })
