import type { Agent } from 'undici'

/** More of an error page than anybody reads. */
const MAX_ERROR_CHARS = 2_000

let patient: Agent | undefined

/**
 * A fetch without the five minutes after which Node's own gives up on a model that is still loading; the caller's signal
 * decides. It follows no redirect where `init.redirect` says so.
 */
export async function patientFetch(url: string, init: RequestInit): Promise<Response> {
  const { Agent, fetch } = await import('undici')
  patient ??= new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  const answer = await fetch(url, {
    method: init.method ?? 'GET',
    headers: Object.fromEntries(new Headers(init.headers)),
    ...(typeof init.body === 'string' ? { body: init.body } : {}),
    ...(init.redirect === undefined ? {} : { redirect: init.redirect }),
    signal: init.signal ?? null,
    dispatcher: patient,
  })
  // The same class by another name: the package's types and Node's describe one standard.
  return answer as unknown as Response
}

/** The beginning of an answer's text, for the message of a refusal; at most 2,000 characters. */
export async function readStart(response: Response): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true })
    // Leaving the loop cancels the stream.
    if (text.length > MAX_ERROR_CHARS) break
  }
  return text.slice(0, MAX_ERROR_CHARS)
}
