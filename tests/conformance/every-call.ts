import { isContractProcedure } from '@orpc/contract'
import { contract } from '../../src-contract/contract.ts'
import { RIGHTS, type Right } from '../../src-main/api/rights.ts'
import { HAND_WRITTEN_ROUTES } from '../../src-main/http/hand-written-routes.ts'

/** A route of the port, below /api, with the right that it asks for. */
export interface Call extends Omit<Right, 'scope'> {
  readonly name: string
  readonly method: string
  readonly path: string
  /** `signature`: no login helps; what comes is known by how it is signed. */
  readonly scope: Right['scope'] | 'signature'
}

/** Every call of the contract. */
export function everyCall(): Call[] {
  return Object.entries(contract).flatMap(([group, routes]) =>
    Object.entries(routes).flatMap(([name, procedure]) => {
      if (!isContractProcedure(procedure)) throw new Error(`${group}.${name} is no route`)
      const { method, path } = procedure['~orpc'].route
      const rights: Readonly<Record<string, Readonly<Record<string, Right>>>> = RIGHTS
      const right = rights[group]?.[name]
      if (right === undefined) throw new Error(`${group}.${name} has no right`)
      return method === undefined || path === undefined ? [] : [{ name: `${group}.${name}`, method, path, ...right }]
    }),
  )
}

/** The right of each route that is written by hand. */
const BY_HAND: Readonly<Record<string, Call['scope']>> = {
  '/webhook': 'signature',
  '/events/stream': 'read',
  '/sse/events': 'read',
  '/ws': 'read',
  '/projects/{id}/events': 'read',
  '/runs/{id}/events/stream': 'read',
  '/auth/stream-ticket': 'any',
  '/projects/{id}/files/{path}': 'read',
  '/projects/{id}/export': 'read',
  '/projects/import': 'write',
  '/usage.csv': 'read',
  '/audit.jsonl': 'admin',
  '/metrics': 'metrics',
}

/** Every call that is written by hand. A route that is new has no right here, which is a fault. */
export function everyHandWrittenCall(): Call[] {
  const unknown = Object.keys(BY_HAND).filter((path) => HAND_WRITTEN_ROUTES[path] === undefined)
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: no such route`)
  return Object.entries(HAND_WRITTEN_ROUTES).flatMap(([path, methods]) => {
    const scope = BY_HAND[path]
    if (scope === undefined) throw new Error(`${path} has no right`)
    return Object.keys(methods).map((method) => ({
      name: `${method} ${path}`,
      method: method.toUpperCase(),
      path,
      scope,
    }))
  })
}
