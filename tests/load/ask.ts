import { z } from 'zod'
import type { Served } from './processes.ts'

const withId = z.looseObject({ id: z.string() })

/** One call of the served core; throws where it is refused. */
export async function ask(
  { url, authorization }: Served,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`)
  return text.startsWith('{') ? JSON.parse(text) : text
}

export async function newProject(of: Served): Promise<string> {
  return withId.parse(await ask(of, 'POST', '/api/projects', { requirements: 'Two notes about owls', profile: 'demo' }))
    .id
}

export const idOf = (answer: unknown): string => withId.parse(answer).id
