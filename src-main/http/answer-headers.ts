import type { Middleware } from './request-env.ts'

/** What an answer says where its route says nothing else: it is data of one caller, never a page and never kept. */
export const ANSWER_HEADERS: readonly (readonly [name: string, value: string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['cache-control', 'no-store'],
]

/**
 * Puts the headers on each answer that keep a browser from making more of it than it is; before there is one, because some
 * are sent as soon as they are known. What a route says itself goes in their place.
 */
export const answerHeaders: Middleware = (context, next) => {
  for (const [name, value] of ANSWER_HEADERS) context.env.outgoing.setHeader(name, value)
  return next()
}
