import fc from 'fast-check'
import { z } from 'zod'
import { type HostileRequest, hostileRequests } from './hostile-requests.ts'
import { type Answer, faultOf } from './judge-answer.ts'
import { prepareRows } from './prepare-rows.ts'
import { send } from './send.ts'
import type { Victim } from './victim.ts'

export interface FuzzReport {
  readonly sent: number
  /** How often which status was answered. */
  readonly statuses: Readonly<Record<string, number>>
  /** Each kind of fault once, with the request that showed it. */
  readonly faults: readonly string[]
}

const AT_ONCE = 12
/** The whole disk as a project or as knowledge would be read, which takes long and proves nothing. */
const WHOLE_DISK = /"(path|workspace|folder)":\s*"\/+"/

function told({ method, path, headers, body }: HostileRequest): string {
  return `${method} ${path.slice(0, 300)} ${JSON.stringify(headers)} ${body?.toString('latin1').slice(0, 600) ?? ''}`
}

const weightOf = (operation: unknown): number =>
  z.object({ requestBody: z.unknown() }).safeParse(operation).data?.requestBody === undefined ? 1 : 3

/** Sends so many requests made of the OpenAPI document to every route in turn; the same seed makes the same ones. */
export async function fuzzBodies(
  victim: Victim,
  options: { readonly bodies: number; readonly seed: number },
): Promise<FuzzReport> {
  const routes = await victim.routes()
  const known = await prepareRows(victim)
  const weights = routes.reduce((sum, { operation }) => sum + weightOf(operation), 0)
  const requests = routes.flatMap((route, at) => {
    const numRuns = Math.ceil((options.bodies * weightOf(route.operation)) / weights)
    return fc
      .sample(hostileRequests(route, known), { seed: options.seed + at, numRuns })
      .map((request, turn) => ({ request, name: `${route.method} ${route.path}`, turn }))
  })
  // Routes by turns, so that each meets what the others left behind.
  const queue = requests
    .filter(({ request }) => !WHOLE_DISK.test(request.body?.toString('latin1') ?? ''))
    .toSorted((left, right) => left.turn - right.turn)
  const statuses: Record<string, number> = {}
  const faults = new Map<string, string>()
  const judge = (name: string, request: HostileRequest, answer: Answer | 'broken' | 'late') => {
    const status = typeof answer === 'string' ? answer : String(answer.status)
    statuses[status] = (statuses[status] ?? 0) + 1
    const fault =
      answer === 'broken'
        ? 'ended the line'
        : answer === 'late'
          ? null
          : faultOf(answer, [victim.bench.folder, victim.token])
    if (fault === null) return
    const key = `${name}: ${fault.slice(0, 120)}`
    if (!faults.has(key))
      faults.set(
        key,
        `${key}\n   ${told(request)}\n   -> ${typeof answer === 'string' ? answer : answer.body.slice(0, 400)}`,
      )
  }
  let next = 0
  const worker = async () => {
    for (let item = queue[next++]; item !== undefined; item = queue[next++]) {
      judge(item.name, item.request, await send(victim.port, victim.token, item.request))
      if (!victim.isAlive()) return
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  if (!victim.isAlive()) faults.set('dead', 'The process has ended.')
  return { sent: queue.length, statuses, faults: [...faults.values()] }
}
