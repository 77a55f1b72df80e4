/** Where the routes of the server lie that has served this page. */
export function apiBase(): string {
  return new URL('api', location.href.replace(/#.*$/, '')).href
}

/** What an address holds behind its `#`: a place, and the token file's secret where it was opened with `#token=…&to=…`. */
export function readHash(hash: string): { readonly token: string | null; readonly place: string } {
  const match = /^#token=([^&]+)(?:&to=(.*))?$/.exec(hash)
  if (match?.[1] === undefined) return { token: null, place: hash }
  return { token: decodeURIComponent(match[1]), place: `#/${match[2] ?? ''}` }
}

/** Under which a tab keeps the token file's secret, and the refresh token of somebody who logged in (client/session.ts). */
export const TOKEN_KEY = 'baton.token'
export const REFRESH_KEY = 'baton.refresh'
