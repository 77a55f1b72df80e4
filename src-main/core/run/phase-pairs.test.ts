import { expect, test } from 'vitest'
import type { RunEvent } from '#contract/run.ts'
import { pairPhases } from './phase-pairs.ts'

type Mark = Pick<RunEvent, 'node' | 'phase' | 'sequence'>

const mark = (sequence: number, node: Mark['node'], phase: Mark['phase']): Mark => ({ sequence, node, phase })

test('G1 ends of phases belong to the last start of theirs that is open, in the order of the starts', () => {
  const pairs = pairPhases([
    mark(0, 'verifier', 'completed'),
    mark(1, 'tool_exec', 'started'),
    mark(2, 'tool_exec', 'completed'),
    mark(3, 'verifier', 'started'),
    // A core died here, and the run went on with the phase from its beginning.
    mark(4, 'verifier', 'started'),
    mark(5, 'repair', 'started'),
    mark(6, 'verifier', 'failed'),
  ])
  expect(pairs.map(({ start, end }) => [start.sequence, end?.sequence ?? null])).toEqual([
    [1, 2],
    [3, null],
    [4, 6],
    [5, null],
  ])
})
