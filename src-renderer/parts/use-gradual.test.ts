import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextSpan, type Span } from './use-gradual.ts'

const spans = fc
  .tuple(fc.nat(200), fc.integer({ min: -1, max: 60 }))
  .map(([first, more]) => ({ first, last: first + more }))

function sizeOf({ first, last }: Span): number {
  return Math.max(0, last - first + 1)
}

describe('drawing a long list bit by bit', () => {
  it('U5 never leaves what is wanted, adds at most a step to what was drawn, and ends with all of it', () => {
    fc.assert(
      fc.property(spans, spans, fc.integer({ min: 1, max: 20 }), (before, wanted, step) => {
        let drawn: Span = before
        for (let frame = 0; frame <= Math.ceil(sizeOf(wanted) / step); frame += 1) {
          const next = nextSpan(drawn, wanted, step)
          const kept = sizeOf({ first: Math.max(drawn.first, next.first), last: Math.min(drawn.last, next.last) })
          expect(sizeOf(next) - kept).toBeLessThanOrEqual(step)
          if (sizeOf(next) > 0) expect([next.first >= wanted.first, next.last <= wanted.last]).toEqual([true, true])
          drawn = next
        }
        expect(sizeOf(drawn)).toBe(sizeOf(wanted))
      }),
    )
  })
})
