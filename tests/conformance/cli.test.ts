import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { storedEvent } from '../../src-contract/event.ts'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import { type CliBench, createCliBench, jsonLines } from './cli-process.ts'

let bench: CliBench
beforeEach(() => {
  bench = createCliBench()
})
afterEach(() => bench.close())

const DEMO = ['--profile', 'demo'] as const

test('X1 does the main job: plan, work, files, costs; exit 0', async () => {
  const { code, stdout, stderr } = await bench.run(['run', 'Write two notes about owls and an index', ...DEMO, '--yes'])
  expect(stderr).not.toContain('should not have')
  expect(code).toBe(0)
  expect(stdout).toContain('tasks')
  expect(stdout).toContain('0 $')
  const files = stdout.split('\n').flatMap((line) => /^\s+(\/\S+\.\w+)/.exec(line)?.[1] ?? [])
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) expect(existsSync(file), file).toBe(true)
  // No terminal: no colours and nothing that moves.
  expect(stdout + stderr).not.toContain('\x1b')
})

test('X1 writes one event per line and the result last with --json', async () => {
  const { code, stdout } = await bench.run(['run', 'Write two notes about owls', ...DEMO, '--yes', '--json'])
  expect(code).toBe(0)
  const { events, result } = jsonLines(stdout)
  const parsed = events.map((event) => storedEvent.parse(event))
  expect(parsed.map((event) => event.seq)).toEqual([...new Set(parsed.map((event) => event.seq))].sort((a, b) => a - b))
  expect(parsed.every((event) => event.project_id === result.project_id)).toBe(true)
  expect(parsed.some((event) => event.type === 'project.created')).toBe(true)
  expect(parsed.at(-1)).toMatchObject({ type: 'project.state', data: { state: 'succeeded' } })
  expect(result).toMatchObject({ status: 'succeeded', cost_usd: 0 })
  expect(result.tasks['succeeded']).toBe(result.tasks['total'])
  expect(result.artifacts.length).toBeGreaterThan(0)
  for (const path of result.artifacts) expect(statSync(join(result.workspace, path)).size).toBeGreaterThan(0)
})

test('P4 shows how sure the estimate is and how past ones held, and tells scripts what it came to', async () => {
  const first = await bench.run(['run', 'Write two notes about owls', ...DEMO, '--yes'])
  expect(first.stdout).toContain('How sure: a first guess')
  expect(first.stdout).not.toContain('Past estimates')
  const second = await bench.run(['run', 'Write two notes about rooks', ...DEMO, '--yes'])
  expect(second.stdout).toMatch(/How sure: .*, based on \d+ like tasks? and 1 finished project/)
  expect(second.stdout).toMatch(/Past estimates: time: [01] of the last 1 held, median error \+?-?\d+ %/)
  const third = await bench.run(['run', 'Write two notes about gulls', ...DEMO, '--yes', '--json'])
  const { estimate, actual, tasks } = jsonLines(third.stdout).result
  expect(estimate?.past).toMatchObject({ cost: null, time: { estimates: 2 }, tokens: { estimates: 2 } })
  expect(estimate?.tasks).toHaveLength(Number(tasks['total']))
  expect(actual).toMatchObject({ cost_micros: 0 })
  expect(actual?.tokens).toBeGreaterThan(0)
})

test('X1 works in the folder and with the files that it is given', async () => {
  const note = join(bench.folder, 'note.md')
  writeFileSync(note, 'Owls fly at night.')
  const workspace = join(bench.folder, 'my work')
  const args = ['run', 'Write about the note', '--file', note, '--workspace', workspace, ...DEMO, '--yes', '--json']
  const { code, stdout } = await bench.run(args)
  expect(code).toBe(0)
  expect(jsonLines(stdout).result.workspace).toBe(workspace)
})

test('X1 ends with 4 where nobody can approve, and goes on after baton resume --yes', async () => {
  const waiting = await bench.run(['run', 'Write two notes about owls', ...DEMO, '--json'])
  expect(waiting.code).toBe(4)
  const { result } = jsonLines(waiting.stdout)
  expect(result).toMatchObject({ status: 'awaiting_approval', artifacts: [] })
  expect((await bench.run(['resume', result.project_id, '--json'])).code).toBe(4)
  const done = await bench.run(['resume', result.project_id, '--yes', '--json'])
  expect(done.code).toBe(0)
  expect(jsonLines(done.stdout).result).toMatchObject({ status: 'succeeded', project_id: result.project_id })
})

test.each([
  ['no command that exists', ['frobnicate']],
  ['no requirements', ['run']],
  ['empty requirements', ['run', '  ']],
  ['an unknown option', ['run', 'x', '--fast']],
  ['no amount of money', ['run', 'x', '--budget', 'lots']],
  ['a missing file', ['run', 'x', '--file', 'missing.txt']],
  ['no port', ['serve', '--port', 'http']],
])('X1 ends with 2 for %s, and says so without opening a core', async (_, args) => {
  const { code, stdout, stderr } = await bench.run(args)
  expect(code).toBe(2)
  expect(stderr.trim()).not.toBe('')
  expect(stdout).toBe('')
  expect(existsSync(bench.data_dir)).toBe(false)
})

test('X1 ends with 1 where nothing is configured, and says what to do', async () => {
  const { code, stderr } = await bench.run(['run', 'Write a poem', '--yes'])
  expect(code).toBe(1)
  expect(stderr).toContain('ANTHROPIC_API_KEY')
  expect(stderr).toContain('--profile demo')
})

test('R3 sends nothing to the demo model that was not asked to go there', async () => {
  const { code, stderr } = await bench.run(['run', 'Write a poem', '--local-only', '--yes'])
  expect(code).toBe(1)
  expect(stderr).toContain('--profile demo')
  const missing = await bench.run(['run', 'Write a poem', '--profile', 'nobody', '--yes'])
  expect(missing.code).toBe(1)
  expect(missing.stderr).toContain('nobody')
})

test('X1 ends with 3 where the budget does not allow a call', async () => {
  const anthropic = await startAnthropicDouble({})
  try {
    const env = { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: anthropic.url }
    const { code, stdout } = await bench.run(['run', 'Write a poem', '--yes', '--json', '--budget', '0.0001'], env)
    expect(code).toBe(3)
    expect(jsonLines(stdout).result).toMatchObject({ cost_usd: 0 })
    const raised = await bench.run(['resume', '--budget', '2', '--yes', '--json'], env)
    expect(raised.code).toBe(0)
    const { result } = jsonLines(raised.stdout)
    expect(result.cost_usd).toBeGreaterThan(0)
    expect(result.cost_usd).toBeLessThanOrEqual(2)
  } finally {
    await anthropic.close()
  }
})

test('P8 runs a plan from a file without a planner', async () => {
  const plan = join(bench.folder, 'plan.yaml')
  writeFileSync(
    plan,
    `title: Owls
tasks:
  - { key: a, title: Write notes, type: writing, complexity: simple, artifacts: [notes.md] }
  - { key: b, title: Write summary, type: writing, complexity: simple, depends_on: [a], artifacts: [summary.md] }
`,
  )
  const { code, stdout } = await bench.run(['run', plan, ...DEMO, '--yes', '--json'])
  expect(code).toBe(0)
  const { events, result } = jsonLines(stdout)
  expect(result.artifacts).toEqual(expect.arrayContaining(['notes.md', 'summary.md']))
  expect(events.some((event) => (event['data'] as { state?: string }).state === 'planning')).toBe(false)
})

test('P8 says what is wrong with a plan in a file', async () => {
  const plan = join(bench.folder, 'plan.json')
  writeFileSync(
    plan,
    JSON.stringify({
      title: 'Owls',
      tasks: [{ key: 'a', title: 'A', type: 'writing', complexity: 'simple', depends_on: ['b'] }],
    }),
  )
  const { code, stderr } = await bench.run(['run', plan, ...DEMO, '--yes'])
  expect([1, 2]).toContain(code)
  expect(stderr).toContain('b')
})

test('E4 X2 pauses, resumes, cancels, retries and undoes one task from the terminal', async () => {
  const run = await bench.run(['run', 'Write two notes about owls', ...DEMO, '--yes', '--json'])
  const { result } = jsonLines(run.stdout)
  const states = async () => {
    const { stdout } = await bench.run(['tasks', '--json'])
    return stdout
      .trim()
      .split('\n')
      .map((line) => z.object({ id: z.string(), state: z.string() }).parse(JSON.parse(line)))
  }
  const last = (await states()).at(-1)?.id ?? ''
  const undone = await bench.run(['task', 'undo', last])
  expect(undone.stderr).not.toContain('should not have')
  expect(undone.stdout).toMatch(new RegExp(`^⊘ ${last} .*: cancelled`))
  expect((await states()).at(-1)?.state).toBe('cancelled')

  const retried = await bench.run(['task', 'retry-afresh', last, '--json'])
  expect(JSON.parse(retried.stdout)).toMatchObject({ id: last, state: 'ready' })
  expect(retried.stderr).toContain(`baton resume ${result.project_id}`)
  expect((await bench.run(['task', 'pause', last])).stdout).toContain(last)
  expect((await bench.run(['task', 'resume', last])).stdout).toMatch(/: ready/)
  expect((await bench.run(['resume', result.project_id, ...['--yes']])).code).toBe(0)
  expect((await states()).at(-1)?.state).toBe('succeeded')

  const refused = await bench.run(['task', 'skip', last])
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/\S/)])
  expect((await bench.run(['task', 'skip', 'tsk_zzz'])).code).toBe(1)
  const misspelt = await bench.run(['task', 'rety', last])
  expect([misspelt.code, misspelt.stderr]).toEqual([2, expect.stringContaining('retry')])
})

test('X2 lists projects, tasks and usage, as text and as JSON', async () => {
  expect((await bench.run(['projects'])).stderr).toContain('no project yet')
  const { result } = jsonLines((await bench.run(['run', 'Write two notes', ...DEMO, '--yes', '--json'])).stdout)
  expect((await bench.run(['projects'])).stdout).toContain(result.project_id)
  const tasks = await bench.run(['tasks', '--json'])
  expect(tasks.stdout.trim().split('\n')).toHaveLength(result.tasks['total'] ?? -1)
  expect((await bench.run(['tasks', result.project_id])).stdout).toContain('succeeded')
  expect((await bench.run(['tasks', 'prj_zzz'])).code).toBe(1)
  const usage = JSON.parse((await bench.run(['usage', '--by', 'model', '--json'])).stdout) as {
    total: { calls: number }
  }
  expect(usage.total.calls).toBeGreaterThan(0)
  const csv = await bench.run(['usage', '--csv'])
  expect(csv.stdout.trimEnd().split('\r\n')).toHaveLength(usage.total.calls + 1)
})

test('X2 examines what Baton stands on, and finds a damaged database', async () => {
  const healthy = await bench.run(['doctor', '--json'])
  expect(healthy.code).toBe(0)
  expect(JSON.parse(healthy.stdout)).toMatchObject({ ok: true })
  await bench.run(['projects'])
  expect((await bench.run(['doctor'])).code).toBe(0)
  const file = join(bench.data_dir, 'baton.db')
  const bytes = readFileSync(file)
  bytes.fill(0xff, 4_096, 12_288)
  writeFileSync(file, bytes)
  const damaged = await bench.run(['doctor'])
  expect(damaged.code).toBe(1)
  expect(damaged.stdout).toContain('✗ Database')
})

test('X3 names a wrong value of the environment', async () => {
  const { code, stderr } = await bench.run(['projects'], { BATON_PORT: 'http' })
  expect(code).toBe(2)
  expect(stderr).toContain('BATON_PORT')
})

test('X4 runs the demo with no AI, no network and no cost', async () => {
  const { code, stdout, stderr } = await bench.run(['demo', '--json'], { TMPDIR: bench.folder })
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const { result } = jsonLines(stdout)
  expect(result).toMatchObject({ status: 'succeeded', cost_usd: 0 })
  expect(result.tasks['total']).toBeGreaterThanOrEqual(8)
  expect(result.workspace.startsWith(bench.folder)).toBe(true)
  expect(existsSync(bench.data_dir)).toBe(false)
})

test('X1 stops in order at Ctrl+C, ends with 130, and goes on where it was', async () => {
  const demo = bench.start(['demo', '--json', '--pace', '100'], { TMPDIR: bench.folder })
  let stopped = false
  demo.lines.on('line', (line) => {
    const event = JSON.parse(line) as { type: string; data?: { state?: string } }
    if (stopped || event.type !== 'task.state' || event.data?.state !== 'succeeded') return
    stopped = true
    demo.child.kill('SIGINT')
  })
  const interrupted = await demo.ended
  expect(interrupted.code).toBe(130)
  const { result } = jsonLines(interrupted.stdout)
  expect(result.status).toBe('paused')
  const done = result.tasks['succeeded'] ?? 0
  expect(done).toBeGreaterThan(0)
  expect(done).toBeLessThan(result.tasks['total'] ?? 0)
  const resumed = await bench.run(['resume', '--json'], { BATON_DATA_DIR: dirname(dirname(result.workspace)) })
  expect(resumed.code).toBe(0)
  const end = jsonLines(resumed.stdout)
  expect(end.result).toMatchObject({ status: 'succeeded', project_id: result.project_id })
  // Nothing that was done is done again.
  const again = end.events.filter(
    (event) => event['type'] === 'task.state' && (event['data'] as { state: string }).state === 'succeeded',
  )
  expect(again).toHaveLength((result.tasks['total'] ?? 0) - done)
})

test('X1 ends at once at a second Ctrl+C', async () => {
  const demo = bench.start(['demo', '--json', '--pace', '30000'], { TMPDIR: bench.folder })
  demo.lines.once('line', () => demo.child.kill('SIGINT'))
  let told = false
  demo.child.stderr?.on('data', () => {
    if (told || !demo.output().includes('Stopping in order')) return
    told = true
    demo.child.kill('SIGINT')
  })
  const { code, stderr } = await demo.ended
  expect(stderr).toContain('Stopping in order')
  expect(code).toBe(130)
})

test('E5 goes on after kill -9 without doing anything twice', async () => {
  const demo = bench.start(['demo', '--json', '--pace', '100'], { TMPDIR: bench.folder })
  const before = new Set<string>()
  demo.lines.on('line', (line) => {
    const event = JSON.parse(line) as { type: string; task_id?: string; data?: { state?: string } }
    if (event.type !== 'task.state' || event.data?.state !== 'succeeded' || event.task_id === undefined) return
    before.add(event.task_id)
    if (before.size === 3) demo.child.kill('SIGKILL')
  })
  await demo.ended
  expect(before.size).toBeGreaterThanOrEqual(3)
  const folder = readdirSync(bench.folder).find((name) => name.startsWith('baton-demo-')) ?? ''
  const resumed = await bench.run(['resume', '--json'], { BATON_DATA_DIR: join(bench.folder, folder) })
  expect(resumed.code).toBe(0)
  const { events, result } = jsonLines(resumed.stdout)
  expect(result.tasks['succeeded']).toBe(result.tasks['total'])
  const again = events.filter(
    (event) =>
      event['type'] === 'task.state' &&
      (event['data'] as { state: string }).state === 'succeeded' &&
      before.has(String(event['task_id'])),
  )
  expect(again).toEqual([])
})
