import { useEffect, useState } from 'react'

/** Places in a list, both ends included; empty where `last` is before `first`. */
export interface Span {
  readonly first: number
  readonly last: number
}

/**
 * The part of `wanted` to draw now: what of it is drawn already, and `step` more with each frame. So a jump in a long list
 * makes several short frames instead of one long one.
 */
export function useGradual(wanted: Span, step: number): Span {
  const [drawn, setDrawn] = useState<Span>({ first: wanted.first, last: wanted.first - 1 })
  const next = nextSpan(drawn, wanted, step)
  const isSettled = next.first === drawn.first && next.last === drawn.last
  useEffect(() => {
    if (isSettled) return
    const frame = requestAnimationFrame(() => setDrawn(next))
    return () => cancelAnimationFrame(frame)
  })
  return next
}

/** What of `drawn` is still wanted, with up to `step` more places; below first, as lists are read. */
export function nextSpan(drawn: Span, wanted: Span, step: number): Span {
  const first = Math.max(drawn.first, wanted.first)
  const last = Math.min(drawn.last, wanted.last)
  if (last < first) return { first: wanted.first, last: Math.min(wanted.last, wanted.first + step - 1) }
  const below = Math.min(step, wanted.last - last)
  const above = Math.min(step - below, first - wanted.first)
  return { first: first - above, last: last + below }
}
