import { parseRoute } from '../route.ts'
import { apiBase, REFRESH_KEY, readHash, TOKEN_KEY } from './address.ts'

/** So few tasks that a large project shows itself at once, and all that most projects have. */
export const FIRST_PAGE = 250

/** Answers that nobody has taken yet, by their address. */
const answers = new Map<string, Promise<Response>>()
let isOver = false

/**
 * Asks for what the page at this address shows first, while its code is on its way. The status goes before all else: it says
 * where the stream of events begins, and whatever has been read since then misses none of them. Nothing is asked for a
 * session, which has to be renewed first.
 */
export function askAhead(): void {
  const { token, place } = readHash(location.hash)
  const secret = token ?? (sessionStorage.getItem(REFRESH_KEY) === null ? sessionStorage.getItem(TOKEN_KEY) : null)
  if (secret === null) return
  const ask = (path: string): Promise<Response> => {
    const url = `${apiBase()}${path}`
    const answer = fetch(url, { headers: { authorization: `Bearer ${secret}` } })
    answers.set(url, answer)
    return answer
  }
  const route = parseRoute(place)
  void ask('/status').then(
    ({ ok }) => {
      if (!ok || isOver || route.page !== 'project') return
      const project = `/projects/${encodeURIComponent(route.projectId)}`
      for (const path of [project, `${project}/tasks?limit=${FIRST_PAGE}`]) {
        // Who takes it hears of a failure.
        ask(path).catch(() => undefined)
      }
    },
    () => undefined,
  )
}

/** The answer that was asked for ahead, once; undefined where none was. */
export function takeAhead({ method, url }: Request): Promise<Response> | undefined {
  if (method !== 'GET') return undefined
  const answer = answers.get(url)
  answers.delete(url)
  return answer
}

/** From now on events are read, so an answer from before would be out of date. */
export function endAhead(): void {
  isOver = true
  answers.clear()
}
