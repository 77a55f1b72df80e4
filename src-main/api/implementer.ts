import { type ImplementerInternalWithMiddlewares, implement } from '@orpc/server'
import { type Contract, contract } from '#contract/contract.ts'
import { ok, type Result } from '#contract/result.ts'
import type { Core } from '#core/core.ts'
import { correlated, correlation, newCorrelationId } from '#core/correlation.ts'
import { type Caller, LOCAL_CALLER } from '#core/identity/caller.ts'
import type { Refusal } from '#core/refusal.ts'
import { isMissingParent, StorageFault, troubleOf } from '#core/store/trouble.ts'
import { checkOwner, checkScope } from './check-right.ts'
import { explainBadInput } from './explain-bad-input.ts'
import { keyedCall, type Once, takesKey } from './keyed-call.ts'
import { rightOf } from './rights.ts'
import { toRouteError, unwrap } from './unwrap.ts'

/** What every handler is given. */
export interface ApiContext {
  readonly core: Core
  readonly caller: Caller
  /** Where the request came from; null where it came from this machine's owner. */
  readonly address: string | null
  /** Whether `secret` shows that the data folder is the caller's. */
  isOwner(secret: string | undefined): boolean
  /** Counts a call against the caller's limits (S5); a refusal says when to come back. */
  admit(caller: Caller, call: AdmittedCall): Promise<Result<void, Refusal>>
  /** Where the request has an Idempotency-Key. */
  readonly once?: Once | undefined
}

/** A call as limits see it; `route` names it, such as `projects.create`. */
export interface AdmittedCall {
  readonly route: string
  readonly is_read: boolean
}

/** The context of calls that this machine's owner makes: the window, the command line, the private socket. */
export function ownersContext(core: Core): ApiContext {
  return { core, caller: LOCAL_CALLER, address: null, isOwner: () => true, admit: async () => ok(undefined) }
}

const implemented = implement(contract)
  .$context<ApiContext>()
  .use(async ({ context: { core, caller, address, admit, once }, path, procedure, next }, input, output) => {
    const right = rightOf(path)
    unwrap(checkScope(caller, right))
    const { method } = procedure['~orpc'].route
    unwrap(await admit(caller, { route: path.join('.'), is_read: method === 'GET' }))
    if (right.of !== undefined) unwrap(checkOwner(core, caller, textIn(input, right.of)))
    const carryOut = async () => {
      if (once === undefined || !takesKey(path, method)) return await next()
      return output(
        await keyedCall(
          core,
          caller,
          path,
          once,
          explained(async () => (await next()).output),
        ),
      )
    }
    const given = correlation()
    const { actor, correlation_id } = given
    // Over HTTP the request has an id and its caller already; calls of the window and of this process's commands get theirs
    // here.
    const isKnown = correlation_id !== null && actor?.id === caller.id && actor.address === address
    try {
      if (isKnown) return await carryOut()
      const whose = { correlation_id: correlation_id ?? newCorrelationId(), actor: { id: caller.id, address } }
      return await correlated({ ...given, ...whose }, carryOut)
    } catch (fault) {
      throw explain(fault)
    }
  })

/** The contract, to be filled in by one file per group. Its type is named, because what is inferred is too long to emit. */
export const api: ImplementerInternalWithMiddlewares<Contract, ApiContext, ApiContext> = implemented

/** The text in one field of an input that was not checked yet. */
function textIn(input: unknown, field: string): string | undefined {
  if (typeof input !== 'object' || input === null || !Object.hasOwn(input, field)) return undefined
  const value: unknown = Reflect.get(input, field)
  return typeof value === 'string' ? value : undefined
}

function explain(fault: unknown): unknown {
  return explainBadInput(fault) ?? explainGone(fault) ?? explainStorage(fault) ?? fault
}

/** `work` whose faults are told in the words of routes. */
function explained<T>(work: () => Promise<T>): () => Promise<T> {
  return () =>
    work().catch((fault: unknown) => {
      throw explain(fault)
    })
}

/** A row that should have been written below one that was deleted after the call had found it. */
function explainGone(fault: unknown): Error | null {
  if (!isMissingParent(fault)) return null
  const message = 'What this call was about was deleted while it was under way, so nothing was written.'
  return toRouteError({ code: 'conflict', message: `${message} Look again what there is.` })
}

/** A read that the disk failed (D4). */
function explainStorage(fault: unknown): Error | null {
  const kind = troubleOf(fault)
  return kind === null ? null : toRouteError({ code: 'unavailable', message: new StorageFault(kind).message })
}
