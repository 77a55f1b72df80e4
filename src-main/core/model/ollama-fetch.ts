import type { Agent } from 'undici'
import { z } from 'zod'
import { OllamaHttpError } from './ollama-fault.ts'

/** More of an error page than anybody reads. */
const MAX_ERROR_CHARS = 2_000

let agent: Promise<Agent> | undefined

function patientAgent(): Promise<Agent> {
  agent ??= import('undici').then((undici) => new undici.Agent({ headersTimeout: 0, bodyTimeout: 0 }))
  return agent
}

/**
 * A fetch without the five minutes after which Node's own gives up on a model that is still loading; the caller's signal
 * decides. Answers that are not 2xx are thrown as {@link OllamaHttpError}, because the npm package prints them to stdout.
 */
export async function patientFetch(url: string, init: RequestInit): Promise<Response> {
  const { fetch } = await import('undici')
  const answer = await fetch(url, {
    method: init.method ?? 'GET',
    headers: Object.fromEntries(new Headers(init.headers)),
    ...(typeof init.body === 'string' ? { body: init.body } : {}),
    signal: init.signal ?? null,
    dispatcher: await patientAgent(),
  })
  // The same class by another name: the package's types and Node's describe one standard.
  return accepted(answer as unknown as Response)
}

/** Node's own fetch with the same refusals, for questions that are answered at once: it costs no library at start-up. */
export async function briefFetch(url: string, init: RequestInit): Promise<Response> {
  return accepted(await fetch(url, init))
}

async function accepted(response: Response): Promise<Response> {
  if (response.ok) return response
  throw new OllamaHttpError(response.status, errorText(await readStart(response)))
}

async function readStart(response: Response): Promise<string> {
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

const errorBody = z.object({ error: z.string() })

function errorText(body: string): string {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    // A proxy's page, for example; its own text says most.
    parsed = null
  }
  return errorBody.safeParse(parsed).data?.error ?? (body.trim().slice(0, 300) || 'no reason given')
}
