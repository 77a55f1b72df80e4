import { expect, test } from 'vitest'
import type { OutputDelta } from '#contract/stream-item.ts'
import { MAX_LIVE_CHARACTERS, MAX_LIVE_RUNS, withDeltas } from './live-output.ts'

function delta(run_id: string, text: string, kind: OutputDelta['kind'] = 'text'): OutputDelta {
  return { type: 'run.delta', project_id: 'prj_1', task_id: null, run_id, kind, text }
}

test('U2 joins what a run streams, by kind and in order', () => {
  const runs = withDeltas({}, [delta('run_1', 'a'), delta('run_1', 'b'), delta('run_1', 'hm', 'thinking')])
  expect(withDeltas(runs, [delta('run_1', '!', 'thinking')])['run_1']?.pieces).toEqual([
    { kind: 'text', text: 'ab' },
    { kind: 'thinking', text: 'hm!' },
  ])
})

test('U5 keeps the end of long output and says how much gave way', () => {
  const output = withDeltas({}, [delta('run_1', 'x'.repeat(MAX_LIVE_CHARACTERS)), delta('run_1', 'the end')])['run_1']
  expect(output?.characters).toBe(MAX_LIVE_CHARACTERS)
  expect(output?.dropped).toBe(7)
  expect(output?.pieces.at(-1)?.text.endsWith('the end')).toBe(true)
})

test('U5 forgets the runs that were silent longest', () => {
  const deltas = Array.from({ length: MAX_LIVE_RUNS + 3 }, (_, index) => delta(`run_${index}`, 'x'))
  const runs = withDeltas(withDeltas({}, deltas.slice(0, 3)), [...deltas.slice(3), delta('run_0', 'y')])
  expect(Object.keys(runs)).toHaveLength(MAX_LIVE_RUNS)
  expect(runs['run_1']).toBeUndefined()
})
