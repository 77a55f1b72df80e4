import { NO_JOB_HEADER } from '#contract/job-words.ts'
import type { Result } from '#contract/result.ts'
import type { Core } from '#core/core.ts'
import { type Caller, seesOnly } from '#core/identity/caller.ts'
import { type Refusal, refuse } from '#core/refusal.ts'
import { checkScope } from './check-right.ts'
import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.jobs

export const jobs = {
  dispatch: route.dispatch.handler(async ({ context, input }) => unwrap(await context.core.jobs.dispatch(input))),
  list: route.list.handler(({ context, input }) => context.core.jobs.list(input, seesOnly(context.caller))),
  get: route.get.handler(({ context, input }) => unwrap(context.core.jobs.get(input.id))),
  cancel: route.cancel.handler(async ({ context, input }) => unwrap(await context.core.jobs.cancel(input.id))),
  claim: route.claim.handler(async ({ context: { core, caller }, input, signal }) => {
    const worker = input.worker ?? caller.id
    const rights = new AbortController()
    const unwatch = core.identity.watch(caller, () => {
      if (!worksStill(core, caller)) rights.abort()
    })
    try {
      const gone = signal === undefined ? rights.signal : AbortSignal.any([signal, rights.signal])
      const claimed = unwrap(await core.jobs.claim({ ...input, worker }, worksFor(caller), gone))
      if (claimed.job !== null) return { status: 200 as const, body: claimed }
      if (rights.signal.aborted) unwrap(leftWaiting(core, caller))
      const headers = claimed.reason === '' ? {} : { [NO_JOB_HEADER]: claimed.reason }
      return { status: 204 as const, headers }
    } finally {
      unwatch()
    }
  }),
  report: route.report.handler(async ({ context: { core, caller }, input: { id, ...report } }) =>
    unwrap(await core.jobs.report({ ...report, task_id: id }, worksFor(caller))),
  ),
  events: route.events.handler(({ context, input: { id, ...page } }) => unwrap(context.core.jobs.events(id, page))),
}

/**
 * Whose jobs a worker may have; null is everybody's. `system` and admins, also by a token that may do no more than work, serve
 * the whole machine; an operator's worker serves its owner (S6).
 */
function worksFor({ id, role }: Caller): string | null {
  return role === 'system' || role === 'admin' ? null : id
}

/** Whether a worker may go on waiting for the jobs that it waits for. */
function worksStill(core: Core, caller: Caller): boolean {
  const now = core.identity.again(caller)
  return now?.scopes.has('work') === true && worksFor(now) === worksFor(caller)
}

/** Why a worker whose rights changed while it waited gets nothing; whoever may still work comes again as what they are now. */
function leftWaiting(core: Core, caller: Caller): Result<void, Refusal> {
  const now = core.identity.again(caller)
  if (now !== null) return checkScope(now, { scope: 'work' })
  const message = 'The login or token that this worker waited with has ended. Log in again, or give it another token.'
  return refuse('unauthorized', message)
}
