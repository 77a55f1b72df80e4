import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { checkpointList, taskDiff } from '../../src-contract/checkpoint.ts'
import { encodeId } from '../../src-contract/ids.ts'
import { task as taskSchema } from '../../src-contract/task.ts'
import { createCore } from '../../src-main/core/create-core.ts'
import { createApp } from '../../src-main/http/create-app.ts'
import { listen } from '../../src-main/http/listen.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { createBaton, resultOf } from '../support/baton-process.ts'
import { readBooks } from '../support/books.ts'
import { anthropicDouble, coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { filesBelow } from '../support/markdown-folder.ts'

/** Three tasks, one after the other. */
const CHAIN = 'Write a short report about gulls'
const RUN = ['run', CHAIN, '--yes', '--profile', 'demo', '--json']

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function baton(): ReturnType<typeof createBaton> {
  const made = createBaton()
  cleanups.push(made.close)
  return made
}

/** The titles of the commits in a project's private history, newest first, and all files in the newest. */
function history(data_dir: string): { commits: string[]; files: string[] } {
  const git = (...args: string[]): string[] =>
    execFileSync('git', ['--git-dir', join(data_dir, 'git', 'prj_1.git'), ...args])
      .toString()
      .trim()
      .split('\n')
  return {
    commits: git('log', '--format=%(trailers:key=Baton-Task,valueonly,separator=)', 'main'),
    files: git('ls-tree', '-r', '--name-only', 'main'),
  }
}

test.each(['after-change-kept:2', 'before-checkpoint:2', 'after-checkpoint:2', 'after-tool-effect:2'])(
  'E10 a core that is killed %s makes each commit once when it goes on',
  async (failpoint) => {
    const cli = baton()
    const killed = await cli.run(RUN, { env: { BATON_FAILPOINTS: failpoint } })
    expect(killed.signal).toBe('SIGKILL')
    const end = await cli.run(['resume', '--yes', '--json'])
    expect(end.code, end.stderr).toBe(0)
    const { commits, files } = history(cli.data_dir)
    const tasks = readBooks(cli.data_dir).tasks.map((_, index) => encodeId('task', index + 1))
    expect(commits.toSorted()).toEqual(tasks)
    expect(files.toSorted()).toEqual(filesBelow(resultOf(end).workspace))
  },
)

test('E5 E10 a core that dies as it gives the branch its last commit leaves no lock, and the next one gives it', async () => {
  const cli = baton()
  const done = await cli.run(RUN)
  expect(done.code, done.stderr).toBe(0)
  const { commits } = history(cli.data_dir)
  // As it dies in the middle of that: the branch has the commit before, and what was written beside it lies there.
  const folder = join(cli.data_dir, 'git', 'prj_1.git')
  const lock = join(folder, 'refs', 'heads', 'main.lock')
  execFileSync('git', ['--git-dir', folder, 'update-ref', 'refs/heads/main', 'main~1'])
  writeFileSync(lock, '')
  const end = await cli.run(['projects'])
  expect(end.code, end.stderr).toBe(0)
  expect(history(cli.data_dir).commits).toEqual(commits)
  expect(existsSync(lock)).toBe(false)
})

test('E10 without git the main job is done all the same, and the log says what is missing', async () => {
  const cli = baton()
  const bin = join(cli.folder, 'bin')
  mkdirSync(bin)
  symlinkSync(process.execPath, join(bin, 'node'))
  const end = await cli.run(RUN, { env: { PATH: bin, BATON_LOG_DIR: join(cli.folder, 'logs') } })
  expect(end.code, end.stderr).toBe(0)
  expect(resultOf(end).artifacts.length).toBeGreaterThan(0)
  expect(existsSync(join(cli.data_dir, 'git'))).toBe(false)
  const log = filesBelow(join(cli.folder, 'logs'))
    .map((name) => readFileSync(join(cli.folder, 'logs', name), 'utf8'))
    .join('\n')
  expect(log).toMatch(/Checkpoints are off.*git was not found.*Install git/)
})

test('E10 over the port: a task in a folder of the user’s is compared, undone and done again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-undo-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const mine = join(folder, 'mine')
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(mine, path)), { recursive: true })
    writeFileSync(join(mine, path), text)
  }
  put('notes/keep.md', 'nobody touches this\n')
  put('a.md', 'of the user\n')
  const version = '0.0.0-test'
  const data_dir = join(folder, 'data')
  mkdirSync(data_dir)
  const made = await createCore({
    data_dir,
    version,
    ollama_host: '127.0.0.1:2',
    demo: true,
    path: process.env['PATH'],
  })
  if (!made.ok) throw new Error(made.error.message)
  const core = made.value
  core.execute('all')
  const listener = await listen(createApp({ core, version, token: 't', ui_dir: folder }), { port: 0 })
  if (!listener.ok) throw new Error(listener.error)
  cleanups.push(async () => {
    await core.close(0)
    await listener.value.close()
  })
  const call = async <T extends z.ZodType>(
    schema: T,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<z.output<T>> => {
    const answer = await fetch(`http://127.0.0.1:${listener.value.port ?? 0}/api${path}`, {
      method,
      headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${answer.status} ${text}`)
    return schema.parse(JSON.parse(text))
  }
  const some = z.looseObject({ id: z.string() })

  const project = await call(some, 'POST', '/projects', { requirements: CHAIN, workspace: mine, profile: 'demo' })
  const plan = await call(some, 'POST', `/projects/${project.id}/plans`, {
    document: {
      title: 'Gulls',
      tasks: [
        {
          key: 'a',
          title: 'Write a',
          description: 'Write a',
          type: 'writing',
          complexity: 'simple',
          artifacts: ['a.md', 'made.md'],
        },
        {
          key: 'b',
          title: 'Write b',
          description: 'Write b',
          type: 'writing',
          complexity: 'simple',
          artifacts: ['b.md'],
          depends_on: ['a'],
        },
      ],
    },
  })
  await call(some, 'POST', `/plans/${plan.id}/approve`, {})
  await core.idle(project.id)
  const state = async (id: string): Promise<string> => (await call(taskSchema, 'GET', `/tasks/${id}`)).state
  expect([await state('tsk_1'), await state('tsk_2')]).toEqual(['succeeded', 'succeeded'])
  const projectState = (): Promise<unknown> => call(some, 'GET', `/projects/${project.id}`)
  expect(await projectState()).toMatchObject({ state: 'succeeded' })
  const before = await call(taskDiff, 'GET', '/tasks/tsk_1/diff')
  expect(before.files.map((file) => `${file.change} ${file.path}`)).toEqual(['changed a.md', 'added made.md'])
  expect(before.text).toContain('-of the user\n')

  expect(await call(taskSchema, 'POST', '/tasks/tsk_1/undo')).toMatchObject({ state: 'cancelled' })
  await core.idle(project.id)
  expect(await projectState()).toMatchObject({ state: 'failed', reason: expect.stringContaining('Undone by you.') })
  expect(filesBelow(mine)).toEqual(['a.md', 'b.md', 'notes/keep.md'])
  expect(readFileSync(join(mine, 'a.md'), 'utf8')).toBe('of the user\n')
  expect(readFileSync(join(mine, 'notes', 'keep.md'), 'utf8')).toBe('nobody touches this\n')

  await call(taskSchema, 'POST', '/tasks/tsk_1/retry', { from: 'step' })
  await core.idle(project.id)
  expect(await state('tsk_1')).toBe('succeeded')
  expect(await projectState()).toMatchObject({ state: 'succeeded' })
  expect(filesBelow(mine)).toEqual(['a.md', 'b.md', 'made.md', 'notes/keep.md'])
  // The same changes, in a checkpoint of their own.
  const { files, text } = before
  expect(await call(taskDiff, 'GET', '/tasks/tsk_1/diff')).toMatchObject({ files, text })

  put('a.md', 'again of the user\n')
  await expect(call(taskSchema, 'POST', '/tasks/tsk_1/undo')).rejects.toThrow(/409.*a\.md: It was changed since/)
  const { items } = await call(checkpointList, 'GET', `/projects/${project.id}/checkpoints`)
  expect(items.map(({ kind, task_id }) => [kind, task_id])).toEqual([
    ['task', 'tsk_1'],
    ['undo', 'tsk_1'],
    ['task', 'tsk_2'],
    ['task', 'tsk_1'],
  ])

  // Back to where the first task had ended: its files are as then but for the user's own change, which stays.
  await call(some, 'POST', `/projects/${project.id}/restore`, { checkpoint: items[3]?.id })
  await core.idle(project.id)
  expect([await state('tsk_1'), await state('tsk_2')]).toEqual(['succeeded', 'cancelled'])
  expect(filesBelow(mine)).toEqual(['a.md', 'made.md', 'notes/keep.md'])
  expect(readFileSync(join(mine, 'a.md'), 'utf8')).toBe('again of the user\n')
  expect(await projectState()).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('"Write b": Put back by you'),
  })
})

test('E10 what a run wrote that waited and was cancelled is in the history before the task is done again', async () => {
  const releases: (() => void)[] = []
  const double = await anthropicDouble({
    how(said) {
      if (releases.length === 0 && said.includes('"tool_result"')) releases.push(double.hold())
      return null
    },
  })
  const bench = await coreBench({ anthropic: double, git: true })
  const { id } = await bench.start([{ key: 'a', acceptance: ['It is about gulls.'] }])
  await eventually('its first file, and a call', () => releases.length === 1)
  const a = bench.task(id, 'a').id
  must(await bench.core.tasks.pause(a))
  for (const release of releases) release()
  await eventually('its rest', () => bench.task(id, 'a').state === 'ready')
  must(await bench.core.tasks.cancel(a))
  must(await bench.core.tasks.retry(a, 'start'))
  await bench.reaches(id, 'succeeded')
  expect(must(await bench.core.projects.checkpoints(id, { limit: 10 })).items).toMatchObject([
    { kind: 'task', task_id: a, files: 1, outcome: 'cancelled' },
  ])
})

test('E4 E10 a task that is retried while it is undone does not count as done without its changes', async () => {
  const write = (content: string): Behaviour => ({
    kind: 'answer',
    text: '',
    tool_calls: [{ name: 'write_file', arguments: { path: 'a.md', content } }],
  })
  const done: Behaviour = { kind: 'answer', text: 'Done.' }
  const double = await anthropicDouble({
    queue: [write('one\n'), done, write('two\n'), { kind: 'refusal' }],
    default: done,
  })
  const bench = await coreBench({ anthropic: double, git: true })
  const { id } = await bench.start([{ key: 'a' }, { key: 'b', artifacts: ['a.md'], depends_on: ['a'] }])
  const { workspace } = await bench.reaches(id, 'failed')
  const text = () => readFileSync(join(workspace, 'a.md'), 'utf8')
  expect(text()).toBe('two\n')
  const b = bench.task(id, 'b').id
  // Its next call is answered when the undo has ended.
  const release = double.hold()
  const [undone] = await Promise.all([bench.core.tasks.undo(b), retryOnceUndoBegan()])
  release()
  must(undone)
  await bench.core.idle()
  expect(text()).toBe('one\n')
  expect(bench.task(id, 'b')).toMatchObject({ state: 'cancelled', reason: 'Undone by you.' })
  expect(
    must(bench.core.tasks.runs(b))
      .items.map(({ state }) => state)
      .toSorted(),
  ).toEqual(['cancelled', 'failed'])

  /** Right behind the moment at which the undo has seen that the task has ended. */
  async function retryOnceUndoBegan(): Promise<void> {
    while (text() !== 'one\n') await turn()
    await bench.core.tasks.retry(b, 'step')
  }
})
