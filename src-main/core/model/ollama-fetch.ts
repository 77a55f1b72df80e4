import { z } from 'zod'
import { OllamaHttpError } from './ollama-fault.ts'
import { patientFetch, readStart } from './patient-fetch.ts'

/** Answers that are not 2xx are thrown as {@link OllamaHttpError}, because the npm package prints them to stdout. */
export async function patientOllamaFetch(url: string, init: RequestInit): Promise<Response> {
  return accepted(await patientFetch(url, { ...init, redirect: 'manual' }))
}

/** Node's own fetch with the same refusals, for questions that are answered at once: it costs no library at start-up. */
export async function briefFetch(url: string, init: RequestInit): Promise<Response> {
  return accepted(await fetch(url, { ...init, redirect: 'manual' }))
}

async function accepted(response: Response): Promise<Response> {
  if (response.ok) return response
  // Followed, it would take the prompt to a server that nobody named; by `error` the reason would be lost.
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel()
    throw new OllamaHttpError(response.status, 'it leads on to another address')
  }
  throw new OllamaHttpError(response.status, errorText(await readStart(response)))
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
