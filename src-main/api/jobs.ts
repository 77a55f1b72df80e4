import { type Caller, seesOnly } from '#core/identity/caller.ts'
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
    const claimed = unwrap(await core.jobs.claim({ ...input, worker }, worksFor(caller), signal))
    return claimed === null ? { status: 204 as const } : { status: 200 as const, body: claimed }
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
