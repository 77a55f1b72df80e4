import { err, ok, type Result } from '#contract/result.ts'
import type { Core } from '#core/core.ts'
import type { Caller } from '#core/identity/caller.ts'
import { seesOnly } from '#core/identity/caller.ts'
import { type Refusal, refuse } from '#core/refusal.ts'
import type { Right } from './rights.ts'

/** Whether `caller` may do what needs `scope`. */
export function checkScope(caller: Caller, { scope }: Right): Result<void, Refusal> {
  if (scope === 'public' || scope === 'any' || caller.scopes.has(scope)) return ok(undefined)
  return refuse(
    'forbidden',
    `This needs the right "${scope}", which ${caller.name} (${caller.role}) does not have. Ask an admin.`,
  )
}

/** Whether what `id` names may be known to `caller`; to whom it may not, it does not exist (S6). */
export function checkOwner(core: Core, caller: Caller, id: string | undefined): Result<void, Refusal> {
  const owner = seesOnly(caller)
  if (owner === null) return ok(undefined)
  if (id === undefined)
    return refuse('bad_request', 'Name a project of yours: only an admin may ask about all of them.')
  if (core.ownership.ownerOf(id) === owner) return ok(undefined)
  return err({ code: 'not_found', message: `There is no ${id}.` })
}
