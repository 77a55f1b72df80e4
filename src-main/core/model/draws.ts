import type { Draws } from './learned-ladder.ts'

/** Draws from numbers between 0 and 1, evenly spread: `Math.random`, or a seeded source where a draw is to be repeated. */
export function createDraws(random: () => number): Draws {
  /** Gamma by the method of Marsaglia and Tsang (2000). */
  function gamma(shape: number): number {
    if (shape < 1) return gamma(shape + 1) * above0() ** (1 / shape)
    const d = shape - 1 / 3
    const c = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = normal()
      const v = (1 + c * x) ** 3
      if (v > 0 && Math.log(above0()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
    }
  }

  function normal(): number {
    return Math.sqrt(-2 * Math.log(above0())) * Math.cos(2 * Math.PI * random())
  }

  function above0(): number {
    return Math.max(random(), Number.MIN_VALUE)
  }

  return {
    beta(a, b) {
      const x = gamma(a)
      return x / (x + gamma(b))
    },
  }
}
