import { describe, expect, test } from 'vitest'
import type { ModelFacts } from './ollama-server.ts'
import { fittingWindow } from './ollama-window.ts'

const GIB = 1_073_741_824
/** A model of 3 billion parameters: 2 GiB of weights, 112 KiB for each token of the window. */
const SMALL: ModelFacts = {
  limit_tokens: 131_072,
  kv_bytes_per_token: 114_688,
  weights_bytes: 2 * GIB,
  sees_images: false,
}

describe('fitting window', () => {
  test('E7 is what is wanted where the card has room', () => {
    expect(fittingWindow(16_384, SMALL, 24 * GIB)).toBe(16_384)
  })

  test('E7 is never more than the model was made for', () => {
    expect(fittingWindow(32_768, { ...SMALL, limit_tokens: 8_192 }, 24 * GIB)).toBe(8_192)
    expect(fittingWindow(32_768, { ...SMALL, limit_tokens: 8_192 }, null)).toBe(8_192)
  })

  test('E7 shrinks in whole steps to what the free memory takes', () => {
    const tokens = fittingWindow(65_536, SMALL, 6 * GIB)
    expect(tokens % 1_024).toBe(0)
    const needed = (window: number) => 2 * GIB * 1.05 + GIB / 2 + window * 114_688
    expect(needed(tokens)).toBeLessThanOrEqual(6 * GIB)
    expect(needed(tokens + 1_024)).toBeGreaterThan(6 * GIB)
  })

  test('E7 stays useful where almost nothing is left, and modest where the weights fill the card', () => {
    expect(fittingWindow(65_536, SMALL, 2.7 * GIB)).toBe(4_096)
    expect(fittingWindow(65_536, SMALL, 1 * GIB)).toBe(8_192)
    expect(fittingWindow(2_048, SMALL, 1 * GIB)).toBe(2_048)
  })

  test('E7 is what is wanted where nobody tells', () => {
    expect(fittingWindow(16_384, SMALL, null)).toBe(16_384)
    const unknown = { limit_tokens: null, kv_bytes_per_token: null, weights_bytes: null, sees_images: false }
    expect(fittingWindow(16_384, unknown, GIB)).toBe(16_384)
  })
})
