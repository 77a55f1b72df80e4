import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { whyNoSandboxHere } from '#core/sandbox/sandbox-bench.ts'
import { ATTEMPTS, FORBIDDEN_NAMES_MADE } from '../support/escape-attempts.ts'
import { escapeWorld } from '../support/escape-world.ts'

const absent = await whyNoSandboxHere()
const PATIENCE = { timeout: 30_000 }
const numbered = ATTEMPTS.map((attempt, index) => ({ ...attempt, number: String(index + 1).padStart(3, '0') }))

test('T4 the escape suite has at least a hundred attempts', () => {
  expect(new Set(ATTEMPTS.map((attempt) => attempt.what)).size).toBeGreaterThanOrEqual(100)
})

describe('T4 attempts to escape from the sandbox', () => {
  test.for(numbered)('T4 escape $number: $what', async ({ command, proven }, { skip }) => {
    skip(absent !== null, absent ?? '')
    const world = await escapeWorld()
    const line = command(world)
    // Some ways need a language that opens any socket; without it a command would fail for the wrong reason.
    skip(line.startsWith('python3') && !existsSync('/usr/bin/python3'), 'There is no /usr/bin/python3 to try it with.')
    const ended = await world.run(line, { time_ms: 20_000 })
    expect({ breaches: world.breaches(ended.output), output: ended.output }).toEqual({
      breaches: [],
      output: ended.output,
    })
    if (!proven) return
    const open = await escapeWorld()
    const output = await open.unguarded(command(open))
    await expect.poll(() => open.breaches(output), PATIENCE).not.toEqual([])
  })
})

describe('T4 names that make other programs run something', () => {
  test.for(Object.entries(FORBIDDEN_NAMES_MADE))(
    'T4 no command leaves %s behind',
    async ([path, command], { skip }) => {
      skip(absent !== null, absent ?? '')
      const world = await escapeWorld()
      const ended = await world.run(command)
      expect(lstatSync(join(world.workspace, path), { throwIfNoEntry: false })).toBeUndefined()
      expect(ended.renamed.map(({ from }) => from)).toContain(path)
      for (const { to } of ended.renamed) lstatSync(join(world.workspace, to))
    },
  )
})
