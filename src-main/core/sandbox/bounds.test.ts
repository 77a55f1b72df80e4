import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sandboxBench, whyNoSandboxHere } from './sandbox-bench.ts'

const absent = await whyNoSandboxHere()
const MIB = 1_048_576

const bounded = test.extend<{ needed: undefined }>({
  needed: [
    async ({ skip }, use) => {
      skip(absent !== null, absent ?? '')
      await use(undefined)
    },
    { auto: true },
  ],
})

bounded('T4 a fork bomb is ended, and the machine goes on', async () => {
  const { run } = await sandboxBench()
  const ended = await run('bomb() { bomb | bomb & }; bomb; sleep 30', { processes: 64, time_ms: 20_000 })
  // The kernel keeps an ordinary user's from growing; root's are counted.
  expect(['processes', 'time', 'exit']).toContain(ended.ended_by)
  expect((await run('echo alive')).output).toBe('alive\n')
})

bounded('T4 many processes that wait are counted too', async () => {
  const { run } = await sandboxBench()
  const ended = await run('for i in $(seq 200); do sleep 60 & done 2>/dev/null; wait', { processes: 50 })
  expect(ended.ended_by === 'processes' || ended.output.includes('fork')).toBe(true)
})

bounded('T4 memory is bounded over all processes together', async () => {
  const { run } = await sandboxBench()
  const eat = (mib: number, seconds: number): string =>
    `node -e "const x = Buffer.alloc(${mib} * 1048576, 1); setTimeout(() => x.length, ${seconds} * 1000)"`
  const ended = await run(`${eat(150, 60)} & ${eat(150, 60)} & ${eat(150, 60)} & wait`, { memory_bytes: 500 * MIB })
  expect(ended.ended_by).toBe('memory')
  expect((await run(`${eat(150, 0)}; echo done`, { memory_bytes: 500 * MIB })).output).toBe('done\n')
})

bounded('T4 no file grows beyond its bound', async () => {
  const { workspace, run } = await sandboxBench()
  const ended = await run('head -c 5000000 /dev/zero > big; echo $?', { file_bytes: MIB })
  expect(ended.output).not.toMatch(/^0$/m)
  expect(statSync(join(workspace, 'big')).size).toBe(MIB)
})

bounded('T4 the scratch folders in memory are full at half a gigabyte', async () => {
  const { run } = await sandboxBench()
  for (const folder of ['/tmp', '/dev/shm']) {
    const filled = `for i in 1 2 3 4 5 6 7; do head -c 104857600 /dev/zero > ${folder}/$i || echo full; done; rm ${folder}/?`
    expect((await run(filled)).output).toMatch(/No space left on device\n.*full/)
  }
})

bounded('T4 a command that takes the disk is ended', async () => {
  const { run } = await sandboxBench()
  const filling = 'i=0; while :; do i=$((i + 1)); head -c 8388608 /dev/urandom > $i; sync $i; done'
  const ended = await run(filling, { disk_bytes: 64 * MIB, time_ms: 60_000 })
  expect(ended.ended_by).toBe('disk')
})

bounded('T4 endless output is taken in and its middle left out', async () => {
  const { run } = await sandboxBench()
  const ended = await run('echo first; yes | head -c 30000000; echo last', { output_characters: 3_000 })
  expect(ended.exit_code).toBe(0)
  expect(ended.output.length).toBeLessThan(3_100)
  expect(ended.output).toMatch(/^first\ny\n.*characters left out.*y\nlast\n$/s)
})

bounded('T4 a command that ignores every signal is ended by time', async () => {
  const { run } = await sandboxBench()
  const ended = await run("trap '' TERM INT HUP QUIT; while :; do :; done", { time_ms: 500 })
  expect(ended).toMatchObject({ ended_by: 'time', exit_code: null })
})

bounded('T4 a cancelled command ends with everything it started', async () => {
  const { workspace, run } = await sandboxBench()
  const cancel = new AbortController()
  const running = run('touch begun; setsid sleep 600 & sleep 600', {}, cancel.signal)
  await expect.poll(() => existsSync(join(workspace, 'begun'))).toBe(true)
  cancel.abort('cancel')
  expect((await running).ended_by).toBe('cancelled')
})

bounded('T4 one command at a time in a workspace, in the order in which they came', async () => {
  const { workspace, run } = await sandboxBench()
  const lines = await Promise.all(
    ['a', 'b', 'c'].map((name) => run(`ls; touch ${name}.running; sleep 0.1; rm ${name}.running; touch ${name}`)),
  )
  expect(lines.map(({ output }) => output)).toEqual(['', 'a\n', 'a\nb\n'])
  expect(readdirSync(workspace).sort()).toEqual(['a', 'b', 'c'])
})

bounded('T3 T4 more hidden entries than can be hidden are a refusal, not a hole', async () => {
  const { workspace, run } = await sandboxBench()
  for (let index = 0; index < 2_001; index += 1) writeFileSync(join(workspace, `${index}.pem`), '')
  await expect(run('cat *.pem')).rejects.toThrow(/was not run: the workspace has more than 2000 entries/)
})
