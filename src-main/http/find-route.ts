import { StandardOpenAPIMatcher } from '@orpc/openapi/standard'
import { createProcedureClient, onError } from '@orpc/server'
import type { StandardMatchResult } from '@orpc/server/standard'
import type { ApiRouter } from '#api/create-router.ts'
import type { ApiContext } from '#api/implementer.ts'

/** A call of a route: `signal` ends with the request. */
export interface RouteCall {
  readonly context: ApiContext
  readonly signal: AbortSignal
}

/** A route of the contract, as one path asks for it. */
export interface FoundRoute {
  readonly procedure: NonNullable<StandardMatchResult>['procedure']
  /** What the path itself says. */
  readonly params: NonNullable<StandardMatchResult>['params']
  /** Carries it out: rights, limits, input, handler and output, as the contract has them. */
  call(input: unknown, call: RouteCall): Promise<unknown>
}

/** The route of the contract at a path that begins with a slash; null where there is none. */
export type FindRoute = (method: string, path: `/${string}`) => Promise<FoundRoute | null> | FoundRoute

/** Paths that are remembered, at most, and how long they may be. */
const MOST_KEPT = 1_000
const LONGEST_KEPT = 200

/**
 * Looks for routes with oRPC's own matcher. To take a path apart costs more than to answer a small request, so what was found
 * is remembered; what was not found is not, or who guesses paths would drive out the others. `onFault` is told of each fault
 * of a route before it becomes an answer.
 */
export function createFindRoute(router: ApiRouter, onFault: (fault: unknown) => void): FindRoute {
  const matcher = new StandardOpenAPIMatcher({ filter: ({ contract }) => contract['~orpc'].route.path !== undefined })
  matcher.init(router)
  const kept = new Map<string, FoundRoute>()

  async function find(method: string, path: `/${string}`): Promise<FoundRoute | null> {
    const found = await matcher.match(method, path)
    if (found === undefined) return null
    const client = createProcedureClient(found.procedure, {
      path: found.path,
      context: ({ given }: { given: ApiContext }) => given,
      interceptors: [onError(onFault)],
    })
    if (kept.size >= MOST_KEPT) kept.clear()
    const route: FoundRoute = {
      procedure: found.procedure,
      params: found.params,
      call: (input, { context, signal }) => client(input, { context: { given: context }, signal }),
    }
    if (path.length <= LONGEST_KEPT) kept.set(`${method} ${path}`, route)
    return route
  }

  return (method, path) => kept.get(`${method} ${path}`) ?? find(method, path)
}
