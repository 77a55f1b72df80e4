import type { Behaviour } from '../doubles/behaviour.ts'
import type { Double } from '../doubles/double-server.ts'
import { anthropicDouble, type CoreBench, coreBench, type TaskSketch } from './core-bench.ts'

/** Three tasks, one after the other. */
export const CHAIN: TaskSketch[] = [{ key: 'a' }, { key: 'b', depends_on: ['a'] }, { key: 'c', depends_on: ['b'] }]
/** Takes calls and never answers them. */
export const HANG: Behaviour = { kind: 'hang' }

export interface Made {
  readonly double: Double
  readonly bench: CoreBench
}

/** A core whose only provider is a double of Anthropic. */
export async function make(config: Parameters<typeof anthropicDouble>[0] = {}): Promise<Made> {
  const double = await anthropicDouble(config)
  return { double, bench: await coreBench({ anthropic: double }) }
}
