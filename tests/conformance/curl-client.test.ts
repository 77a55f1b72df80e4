import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { type CliBench, createCliBench } from './cli-process.ts'

const SCRIPT = join(import.meta.dirname, '..', '..', 'docs', 'examples', 'main-job.sh')
const served = z.object({ url: z.string(), token_file: z.string() })

let bench: CliBench
let out: string
beforeEach(() => {
  bench = createCliBench()
  out = mkdtempSync(join(tmpdir(), 'baton-curl-'))
})
afterEach(async () => {
  await bench.close()
  rmSync(out, { recursive: true, force: true })
})

async function script(args: readonly string[], env: Record<string, string>) {
  const child = spawn('/bin/sh', [SCRIPT, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], PROFILE: 'demo', ...env },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said }
}

test('A1 A2 a script with curl alone registers, logs in, plans, approves, follows by a ticket and takes the files', async () => {
  const serve = bench.start(['serve', '--port', '0'])
  const [first] = await once(serve.lines, 'line')
  const { url, token_file } = served.parse(JSON.parse(String(first)))
  // What is wanted holds whatever could be taken for a part of the answer or of the shell.
  const wanted = 'Write two short notes: "one", `two` & $three \\ {"state":"failed","id":"prj_999"}\nIn plain words.'
  const ada = { BATON_URL: url, EMAIL: 'ada@example.org', PASSWORD: 'correct "horse" $battery \\' }
  const stranger = await script([wanted, out], ada)
  expect(stranger).toMatchObject({ code: 1, said: expect.stringContaining('TOKEN_FILE lets the first user register') })

  const { code, said } = await script([wanted, out], { ...ada, TOKEN_FILE: token_file })
  expect(said).toMatch(
    /Project prj_1\n[\s\S]*Project is awaiting_approval\n[\s\S]*task tsk_\w+: succeeded\n[\s\S]*Project is succeeded\n/,
  )
  expect(code).toBe(0)
  const workspace = join(bench.data_dir, 'workspaces', 'prj_1')
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(out, path)).isFile(),
  )
  expect(files.length).toBeGreaterThan(0)
  for (const path of files) expect(readFileSync(join(out, path))).toEqual(readFileSync(join(workspace, path)))

  // The second time there is a login already, and nothing of the first project is mixed up with it.
  const again = await script(['Write a note', out], ada)
  expect([again.code, again.said]).toEqual([0, expect.stringContaining('Project prj_2\n')])
  const wrong = await script(['Write a note', out], { ...ada, PASSWORD: 'wrong', TOKEN_FILE: token_file })
  expect([wrong.code, wrong.said]).toEqual([1, expect.stringMatching(/POST \/auth\/register was answered with 4\d\d/)])
})
