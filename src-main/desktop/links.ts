import { app } from 'electron'
import { LINK_SCHEME, linkAmong, placeOfLink } from '#contract/deep-link.ts'
import type { Log } from '#core/core.ts'

/** Has the system open Baton's links with this application, where it is an installed one. */
export function claimLinks(): void {
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME)
}

/** The place that the arguments of a start ask for; null where they ask for none, or for nothing that there is. */
export function placeAmong(args: readonly string[], log: Log): string | null {
  const link = linkAmong(args)
  return link === null ? null : readLink(link, log)
}

/** The place that a link names; null, with a line in the log, where it is refused. */
export function readLink(link: string, log: Log): string | null {
  const place = placeOfLink(link)
  if (place.ok) return place.value
  log.warn('a link was refused', { why: place.error, link: link.slice(0, 100) })
  return null
}
