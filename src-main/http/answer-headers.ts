import { createMiddleware } from 'hono/factory'

/** What an answer says where its route says nothing else: it is data of one caller, never a page and never kept. */
const HEADERS: readonly (readonly [name: string, value: string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['cache-control', 'no-store'],
]

/** Puts the headers on each answer that keep a browser from making more of it than it is. */
export const answerHeaders = createMiddleware(async (context, next) => {
  await next()
  const { headers } = context.res
  for (const [name, value] of HEADERS) if (!headers.has(name)) headers.set(name, value)
})
