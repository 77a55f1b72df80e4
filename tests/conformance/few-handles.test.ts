import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../src-main/core/store/store-bench.ts'

const script = join(import.meta.dirname, 'few-handles-serve.ts')

test.skipIf(process.platform === 'win32')(
  'A3 D4 answers again once files can be opened again, also what it could not load meanwhile',
  { timeout: 60_000 },
  () => {
    const command = `ulimit -n 200 && exec "$0" "$1" "$2"`
    const { stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, script, temporaryFolder()], {
      encoding: 'utf8',
    })
    expect(JSON.parse(stdout === '' ? stderr : stdout)).toEqual({
      meanwhile: [200, 500, 500, 500],
      afterwards: [200, 200, 200, 200],
    })
  },
)
