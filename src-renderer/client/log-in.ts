import type { z } from 'zod'
import { wireError } from '#contract/error.ts'
import { session } from '#contract/identity.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { loginTexts as texts } from '../texts/frame.ts'
import { type Login, sessionLogin, tokenLogin } from './session.ts'

/** Calls that need no login yet, and so come before there is a connection. The error is for the user. */
async function post<Schema extends z.ZodType>(
  url: string,
  body: object,
  schema: Schema,
): Promise<Result<z.output<Schema>, string>> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const said: unknown = await answer.json()
    if (answer.ok) return ok(schema.parse(said))
    return err(wireError.safeParse(said).data?.error.message ?? texts.unreachable)
  } catch (fault) {
    console.warn('Signing in failed:', fault)
    return err(texts.unreachable)
  }
}

/** Logs in with e-mail and password. */
export async function logIn(base: string, email: string, password: string): Promise<Result<Login, string>> {
  const begun = await post(`${base}/auth/login`, { email, password }, session)
  return begun.ok ? ok(sessionLogin(base, begun.value)) : begun
}

/** Registers by an invitation and logs in. */
export async function register(
  base: string,
  given: { email: string; password: string; display_name: string; invite: string },
): Promise<Result<Login, string>> {
  const made = await post(`${base}/auth/register`, given, session.shape.user)
  return made.ok ? logIn(base, given.email, given.password) : made
}

/** Logs in by the token file's secret, which is tried first. */
export async function logInByToken(base: string, token: string): Promise<Result<Login, string>> {
  try {
    const answer = await fetch(`${base}/auth/me`, { headers: { authorization: `Bearer ${token}` } })
    return answer.ok ? ok(tokenLogin(token)) : err(texts.wrong)
  } catch (fault) {
    console.warn('Signing in failed:', fault)
    return err(texts.unreachable)
  }
}
