import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Behaviour } from '../doubles/behaviour.ts'
import type { Double } from '../doubles/double-server.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { type CliBench, createCliBench, jsonLines } from './cli-process.ts'

/** `baton run` where nobody sits at a terminal, and what it waits for takes a person. Each must end, and say what to do. */

const readyLine = z.object({ url: z.string(), token_file: z.string() })
const REFUSED: Behaviour = { kind: 'wrong_key' }
const SILENT: Behaviour = { kind: 'hang' }
const PLAN = {
  title: 'One note',
  tasks: [
    {
      ...{ key: 'note', title: 'Write the note', description: '', type: 'writing', complexity: 'medium', tier: 'fast' },
      ...{ tools: [], depends_on: [], acceptance: [], verify_command: null, write_scope: [], artifacts: ['note.md'] },
    },
  ],
}

/** A command line that pays for models; their first answers are given. */
async function paidBench(
  ...queue: Behaviour[]
): Promise<{ double: Double; bench: CliBench; env: Record<string, string> }> {
  const double = await anthropicDouble({ queue })
  const bench = createCliBench()
  cleanup(() => bench.close())
  return { double, bench, env: { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: double.url } }
}

/** A Baton that serves beside the command, with what a window would do there. */
async function served(bench: CliBench, env: Record<string, string>) {
  const serve = bench.start(['serve', '--port', '0'], env)
  const [line] = (await once(serve.lines, 'line')) as [string]
  const { url, token_file } = readyLine.parse(JSON.parse(line))
  const headers = { authorization: `Bearer ${readFileSync(token_file, 'utf8').trim()}` }
  const ask = async (method: string, path: string): Promise<unknown> => {
    const answer = await fetch(`${url}/api${path}`, { method, headers })
    expect([path, answer.status]).toEqual([path, 200])
    return await answer.json()
  }
  return {
    post: (path: string) => ask('POST', path),
    /** The first of a list once there is one in this state. */
    first: (path: string, state: string) =>
      eventually(`${path} to be ${state}`, async () => {
        const { items } = z
          .object({ items: z.array(z.object({ id: z.string(), state: z.string() })) })
          .parse(await ask('GET', path))
        return items.find((item) => item.state === state)?.id
      }),
  }
}

test('X1 R1 ends with 1 where the first plan meets a key that is refused, says so, and goes on with another', async () => {
  const { bench, env } = await paidBench(REFUSED)
  const ran = await bench.run(['run', 'A note about owls', '--yes'], env)
  expect(ran.code).toBe(1)
  expect(ran.stdout).toMatch(/· waiting\n.*key/)
  const project = /baton resume (prj_\w+)/.exec(ran.stderr)?.[1] ?? ''
  expect((await bench.run(['resume', project, '--yes'], env)).code).toBe(0)
})

test('X1 R1 ends with 1 where a task meets a key that is refused', async () => {
  const { bench, env } = await paidBench(REFUSED)
  const plan = join(bench.folder, 'plan.json')
  writeFileSync(plan, JSON.stringify(PLAN))
  const { code, stdout } = await bench.run(['run', plan, '--yes', '--json', '--budget', '5'], env)
  expect([code, jsonLines(stdout).result.status]).toEqual([1, 'waiting'])
})

test('X1 B4 ends with 3 as often as a first plan is set going without money for it', async () => {
  const { bench, env } = await paidBench()
  expect((await bench.run(['run', 'A note about owls', '--yes', '--budget', '0.0001'], env)).code).toBe(3)
  expect((await bench.run(['resume', '--yes'], env)).code).toBe(3)
})

test.each([
  ['the project', (id: string) => `/projects/${id}/pause`],
  ['everything', () => '/pause'],
])('X1 E4 ends with 130 where somebody pauses %s meanwhile, and says how it goes on', async (_, path) => {
  const { double, bench, env } = await paidBench()
  // A call that is under way when something is paused comes to its end.
  const goOn = double.hold()
  const window = await served(bench, env)
  const run = bench.start(['run', 'A note about owls', '--yes'], env)
  const id = await window.first('/projects', 'planning')
  await window.post(path(id))
  goOn()
  const { code, stderr } = await run.ended
  expect(code).toBe(130)
  expect(stderr).toContain(`baton resume ${id}`)
})

test('X1 E4 ends with 130 where somebody pauses the only task meanwhile', async () => {
  const { double, bench, env } = await paidBench()
  // A call that is under way when something is paused comes to its end.
  const goOn = double.hold()
  const window = await served(bench, env)
  const plan = join(bench.folder, 'plan.json')
  writeFileSync(plan, JSON.stringify(PLAN))
  const run = bench.start(['run', plan, '--yes', '--budget', '5'], env)
  const id = await window.first('/projects', 'executing')
  await window.post(`/tasks/${await window.first(`/projects/${id}/tasks`, 'running')}/pause`)
  goOn()
  const { code, stdout } = await run.ended
  expect(code).toBe(130)
  expect(stdout).toContain('paused by you')
})

test('X1 P2 ends with 1 where somebody stops the planning meanwhile', async () => {
  const { bench, env } = await paidBench(SILENT)
  const window = await served(bench, env)
  const run = bench.start(['run', 'A note about owls', '--yes'], env)
  const id = await window.first('/projects', 'planning')
  await window.post(`/projects/${id}/plan/stop`)
  expect((await run.ended).code).toBe(1)
})

test('X1 E4 ends with 130 where everything was paused before, and says so', async () => {
  const { bench, env } = await paidBench()
  const window = await served(bench, env)
  await window.post('/pause')
  const { code, stderr } = await bench.run(['run', 'A note about owls', '--yes'], env)
  expect(code).toBe(130)
  expect(stderr).toMatch(/All work is paused/)
})
