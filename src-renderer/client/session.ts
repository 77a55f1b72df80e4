import { type Session, session } from '#contract/identity.ts'
import { REFRESH_KEY, readHash, TOKEN_KEY } from './address.ts'

/**
 * How a page served by `baton serve` shows who it is (U7): by the token file's secret, or by a session of a user who logged
 * in. What has to survive a reload is kept for this tab only: the secret, or the session's refresh token, which is good
 * once. The access token stays in memory.
 */
export interface Login {
  /** The text after `Bearer`; silently gets a new access token where the old one is about to end. Throws {@link LoggedOut}. */
  bearer(): Promise<string>
  /** Forgets it here, and ends the session where there is one. */
  end(): Promise<void>
}

/** There is nothing any more by which this page could show who it is. */
export class LoggedOut extends Error {}

/** A new access token is fetched so long before the old one ends, or after three quarters of a short life. */
const AHEAD_MS = 60_000

/** The login that this page was opened with: `#token=…` (which is taken out of the address), or what this tab kept. */
export function takeLogin(base: string): Login | null {
  const given = readHash(location.hash)
  if (given.token !== null) {
    history.replaceState(null, '', `${location.pathname}${location.search}${given.place}`)
    return tokenLogin(given.token)
  }
  const refresh = sessionStorage.getItem(REFRESH_KEY)
  if (refresh !== null) return sessionLogin(base, { refresh_token: refresh })
  const token = sessionStorage.getItem(TOKEN_KEY)
  return token === null ? null : tokenLogin(token)
}

/** Logged in by the token file's secret, as the owner of the machine. */
export function tokenLogin(token: string): Login {
  sessionStorage.setItem(TOKEN_KEY, token)
  return {
    bearer: () => Promise.resolve(token),
    end() {
      sessionStorage.removeItem(TOKEN_KEY)
      return Promise.resolve()
    },
  }
}

/** Logged in as a user. `given` is what the login answered with, or a refresh token that was kept. */
export function sessionLogin(base: string, given: Session | Pick<Session, 'refresh_token'>): Login {
  let access = 'access_token' in given ? timed(given) : null
  let refresh_token = given.refresh_token
  sessionStorage.setItem(REFRESH_KEY, refresh_token)
  let renewing: Promise<string> | null = null

  async function renew(): Promise<string> {
    const answer = await fetch(`${base}/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token }),
    })
    // Other faults leave the session as it is: the line may be back in a moment.
    if (answer.status === 401) {
      sessionStorage.removeItem(REFRESH_KEY)
      throw new LoggedOut('The session has ended.')
    }
    if (!answer.ok) throw new Error(`The session could not be renewed: HTTP ${answer.status}`)
    const renewed = session.parse(await answer.json())
    refresh_token = renewed.refresh_token
    sessionStorage.setItem(REFRESH_KEY, refresh_token)
    access = timed(renewed)
    return renewed.access_token
  }

  async function bearer(): Promise<string> {
    if (access !== null && access.until > Date.now()) return access.token
    // A refresh token is good once, so all who wait share one exchange.
    renewing ??= renew().finally(() => {
      renewing = null
    })
    return renewing
  }

  return {
    bearer,
    async end() {
      sessionStorage.removeItem(REFRESH_KEY)
      const authorization = `Bearer ${await bearer()}`
      await fetch(`${base}/auth/logout`, { method: 'POST', headers: { authorization } })
    },
  }
}

function timed({ access_token, expires_in }: Session): { token: string; until: number } {
  const life = expires_in * 1_000
  return { token: access_token, until: Date.now() + life - Math.min(AHEAD_MS, life / 4) }
}
