import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sandboxBench, whyNoSandbox } from './sandbox-bench.ts'

const absent = await whyNoSandbox()

test.skipIf(absent !== null)(
  'T4 a command works in its workspace with the tools of the system and Baton’s own Node',
  async () => {
    const { workspace, run, records } = await sandboxBench()
    writeFileSync(join(workspace, 'in.txt'), 'three')
    const ended = await run(
      'pwd; cat in.txt; echo; echo out > out.txt; node -p "process.version"; echo bad >&2; exit 3',
    )
    expect(ended).toMatchObject({
      ended_by: 'exit',
      exit_code: 3,
      output: `${workspace}\nthree\n${process.version}\nbad\n`,
    })
    expect(readFileSync(join(workspace, 'out.txt'), 'utf8')).toBe('out\n')
    await expect.poll(records).toBe(0)
  },
)

test.skipIf(absent !== null)('T4 a command that takes too long is ended with everything it started', async () => {
  const { workspace, run } = await sandboxBench()
  const ended = await run('(while :; do date > beat; sleep 0.05; done) & setsid sleep 600 & sleep 600', {
    time_ms: 700,
  })
  expect(ended).toMatchObject({ ended_by: 'time', exit_code: null })
  expect(existsSync(join(workspace, 'beat'))).toBe(true)
})
