/**
 * The access token of a page served by `baton serve` (U7). It comes in the fragment of the link that the server
 * prints, which browsers never send anywhere, and is kept for this tab only, so that a reload needs no new login.
 */
const STORAGE_KEY = 'baton.token'

/** Takes the token out of `#token=…` (and out of the address and its history), else from this tab's storage. */
export function takeToken(): string | null {
  const match = /^#token=([^&]+)(?:&to=(.*))?$/.exec(location.hash)
  if (match?.[1] !== undefined) {
    const token = decodeURIComponent(match[1])
    sessionStorage.setItem(STORAGE_KEY, token)
    history.replaceState(null, '', `${location.pathname}${location.search}#/${match[2] ?? ''}`)
    return token
  }
  return sessionStorage.getItem(STORAGE_KEY)
}

export function keepToken(token: string): void {
  sessionStorage.setItem(STORAGE_KEY, token)
}

export function forgetToken(): void {
  sessionStorage.removeItem(STORAGE_KEY)
}
