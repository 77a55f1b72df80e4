import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../src-main/core/store/store-bench.ts'

/** What a script says that may have 200 files open. */
function withFewHandles(script: string): unknown {
  const command = `ulimit -n 200 && exec "$0" "$1" "$2"`
  const program = join(import.meta.dirname, script)
  const { stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, program, temporaryFolder()], {
    encoding: 'utf8',
  })
  return JSON.parse(stdout === '' ? stderr : stdout)
}

describe.skipIf(process.platform === 'win32')('where no file can be opened for a while', { timeout: 60_000 }, () => {
  test('A3 D4 it answers again afterwards, also what it could not load meanwhile', () => {
    expect(withFewHandles('few-handles-serve.ts')).toEqual({
      meanwhile: [200, 500, 500, 500],
      afterwards: [200, 200, 200, 200],
    })
  })

  test('K1 S2 D4 Baton stays alive, and knowledge and passwords can be looked at afterwards', () => {
    expect(withFewHandles('few-handles-core.ts')).toEqual({
      // git and the sandbox are said not to be there.
      meanwhile: { knowledge: false, password: false, surroundings: true },
      afterwards: { knowledge: true, password: true, surroundings: true },
    })
  })

  test('E10 H3 D4 git and a card that could not be looked for are found when they are needed', () => {
    expect(withFewHandles('few-handles-git.ts')).toEqual({ cards: [0, 1], unavailable: null, kept: true })
  })
})
