import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sandboxBench, whyNoSandboxHere } from './sandbox-bench.ts'

const absent = await whyNoSandboxHere()

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

test('T4 packages that are linked to a store outside can be used and not be written', async ({ skip }) => {
  skip(absent !== null, absent ?? '')
  const { outside, workspace, run } = await sandboxBench()
  const packages = join(workspace, 'node_modules', 'pad')
  mkdirSync(packages, { recursive: true })
  writeFileSync(join(outside, 'store.js'), 'module.exports = 7\n')
  linkSync(join(outside, 'store.js'), join(packages, 'index.js'))
  mkdirSync(join(packages, '.git'))
  writeFileSync(join(packages, '.git', 'config'), 'token')
  writeFileSync(join(packages, 'credentials.json'), '{}')
  const ended = await run(
    'node -p "require(\'pad\')"; cat node_modules/pad/credentials.json node_modules/pad/.git/config; echo bad > node_modules/pad/index.js; touch node_modules/pad/x',
  )
  expect(ended.output).toMatch(
    /^7\n\{\}cat: .*No such file or directory\n.*Read-only file system\n.*Read-only file system\n$/s,
  )
  expect(readFileSync(join(outside, 'store.js'), 'utf8')).toBe('module.exports = 7\n')
  // Another file with several names is hidden.
  linkSync(join(outside, 'store.js'), join(workspace, 'linked.js'))
  expect((await run('cat linked.js')).output).toMatch(/Permission denied/)
})
