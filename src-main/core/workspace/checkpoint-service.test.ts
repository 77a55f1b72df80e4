import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { encodeId } from '#contract/ids.ts'
import { changesIn, checkpointBench, conflictsOf, granted, namesIn } from './checkpoint-bench.ts'

import { takeBackBrokenOff } from './checkpoint-broken-off.ts'
import { DEFAULT_FILE_RULES } from './file-rules.ts'
import { openLocalWorkspace } from './local-workspace.ts'
import { moveToTrash } from './trash.ts'

const taskId = (key: number): string => encodeId('task', key)
const SEARCH = process.env['PATH'] ?? ''
const PAGE = { limit: 100 }

/** What the trash of the tests holds of a folder. */
function trashedFrom(root: string): string[] {
  const trash = join(process.env['XDG_DATA_HOME'] ?? '', 'Trash')
  const ours = namesIn(join(trash, 'info')).filter((name) =>
    readFileSync(join(trash, 'info', name), 'utf8').includes(`Path=${root}/`),
  )
  return ours.map((name) => readFileSync(join(trash, 'files', basename(name, '.trashinfo')), 'utf8'))
}

test('E10 tasks that run at once each commit exactly what they wrote themselves', async () => {
  const bench = await checkpointBench(SEARCH)
  const { git, service, project_id } = bench
  const [a = 0, b = 0] = bench.tasks(bench.projectId, [[], []])
  bench.put('mine.md', 'mine\n')
  const [one, two] = [bench.begin(a), bench.begin(b)]
  const text = (content: string): Buffer => Buffer.from(content)
  await Promise.all([
    one.workspace.write('mine.md', text('by one\n')),
    two.workspace.write('deep/two.md', text('half\n')),
    one.workspace.write('one.md', text('one\n')),
  ])
  await one.end()
  await two.workspace.write('deep/two.md', text('whole\n'))
  await two.end('failed')

  expect(git('log', '--format=%s', '--name-status', 'main').trim().split(/\n+/)).toEqual([
    ...['Task 1 (failed)', 'A\tdeep/two.md'],
    ...['Task 0', 'M\tmine.md', 'A\tone.md'],
    ...['As found', 'A\tmine.md'],
  ])
  expect(git('show', 'main~2:mine.md')).toBe('mine\n')
  expect(git('log', '-1', '--format=%(trailers:key=Baton-Task,valueonly)', 'main').trim()).toBe(taskId(b))
  expect(granted(await service.checkpoints(project_id, PAGE))).toMatchObject({
    unavailable: null,
    items: [
      {
        kind: 'task',
        task_id: taskId(b),
        title: 'Task 1',
        outcome: 'failed',
        files: 1,
        commit: git('rev-parse', 'main').trim(),
      },
      { kind: 'task', task_id: taskId(a), title: 'Task 0', outcome: 'succeeded', files: 2 },
    ],
  })
  const diff = granted(await service.diff(taskId(b)))
  expect(changesIn(diff)).toEqual(['added deep/two.md'])
  expect(diff.text).toContain('+whole')
  expect(diff.text).not.toContain('half')
})

test('E10 undo puts the user’s files back and what the task made into the trash, and the task can be done again', async () => {
  const bench = await checkpointBench(SEARCH)
  const { service, look, state } = bench
  const [a = 0, b = 0, c = 0] = bench.tasks(bench.projectId, [[], [0], [1]])
  bench.put('kept.md', 'as the user wrote it\r\n')
  await bench.work(a, { 'kept.md': 'first\n', 'made/new.md': 'new\n' })
  await bench.work(a, { 'kept.md': 'second\n' })
  expect(changesIn(granted(await service.diff(taskId(a))))).toEqual(['changed kept.md', 'added made/new.md'])

  expect(granted(await service.undo(taskId(a)))).toMatchObject({ state: 'cancelled', reason: 'Undone by you.' })
  expect(look('kept.md')).toBe('as the user wrote it\r\n')
  expect(look('made/new.md')).toBeNull()
  expect(trashedFrom(bench.root)).toEqual(['new\n'])
  expect([a, b, c].map(state)).toEqual(['cancelled', 'blocked', 'blocked'])
  expect(granted(await service.diff(taskId(a))).files).toEqual([])
  expect(granted(await service.checkpoints(bench.project_id, PAGE)).items[0]).toMatchObject({ kind: 'undo', files: 2 })
  expect(bench.git('ls-tree', '-r', '--name-only', 'main').trim()).toBe('kept.md')

  expect(await service.undo(taskId(a))).toMatchObject({ ok: false, error: { code: 'conflict' } })
  await bench.work(a, { 'kept.md': 'third\n' })
  expect(granted(await service.diff(taskId(a))).text).toContain('-as the user wrote it')
  granted(await service.undo(taskId(a)))
  expect(look('kept.md')).toBe('as the user wrote it\r\n')
})

test('E10 undo touches nothing where a file is not as the task left it, and names each', async () => {
  const bench = await checkpointBench(SEARCH)
  const { service, look } = bench
  const [a = 0, b = 0] = bench.tasks(bench.projectId, [[], []])
  await bench.work(a, { 'one.md': '1\n', 'two.md': '1\n', 'three.md': '1\n', 'four.md': '1\n' })
  await bench.work(b, { 'two.md': '2\n' })
  bench.put('three.md', 'by the user\n')
  const refused = await service.undo(taskId(a))
  expect(conflictsOf(refused)).toEqual([
    { path: 'two.md', reason: 'It was changed since.' },
    { path: 'three.md', reason: 'It was changed since.' },
  ])
  expect(refused).toMatchObject({ error: { message: expect.stringContaining('Nothing was put back') } })
  expect(['one.md', 'two.md', 'three.md', 'four.md'].map(look)).toEqual(['1\n', '2\n', 'by the user\n', '1\n'])
  expect(bench.state(a)).toBe('succeeded')

  granted(await service.undo(taskId(b)))
  bench.put('three.md', '1\n')
  granted(await service.undo(taskId(a)))
  expect(['one.md', 'two.md', 'three.md', 'four.md'].map(look)).toEqual([null, null, null, null])
})

test('E10 undo is refused where somebody else wrote into the same file between the task’s writes', async () => {
  const bench = await checkpointBench(SEARCH)
  const [a = 0] = bench.tasks(bench.projectId, [[]])
  const run = bench.begin(a)
  await run.workspace.write('shared.md', Buffer.from('task 1\n'))
  bench.put('shared.md', 'task 1\nuser\n')
  await run.workspace.write('shared.md', Buffer.from('task 2\n'))
  await run.end()
  expect(conflictsOf(await bench.service.undo(taskId(a)))).toEqual([
    { path: 'shared.md', reason: 'Somebody else changed it while the task worked on it.' },
  ])
  expect(bench.look('shared.md')).toBe('task 2\n')
  expect(bench.git('log', '--all', '--format=%s', '-S', 'user').trim()).toBe('')
  const kept =
    bench.store.sqlite.prepare<[], string>('SELECT before FROM file_change ORDER BY id DESC').pluck().get() ?? ''
  expect(bench.git('cat-file', 'blob', kept)).toBe('task 1\nuser\n')
})

test('E10 running tasks, and those that a running task builds on, are not undone', async () => {
  const bench = await checkpointBench(SEARCH)
  const [a = 0, b = 0] = bench.tasks(bench.projectId, [[], [0]])
  await bench.work(a, { 'a.md': 'a\n' })
  const run = bench.begin(b)
  await run.workspace.write('b.md', Buffer.from('b\n'))
  for (const id of [a, b]) {
    expect(await bench.service.undo(taskId(id))).toMatchObject({ ok: false, error: { code: 'conflict' } })
  }
  expect(changesIn(granted(await bench.service.diff(taskId(b))))).toEqual(['added b.md'])
  await run.end()
  granted(await bench.service.undo(taskId(b)))
  expect([bench.look('a.md'), bench.look('b.md')]).toEqual(['a\n', null])
})

test('E10 a file that is too large to keep is not replaced', async () => {
  const bench = await checkpointBench(SEARCH)
  const [a = 0] = bench.tasks(bench.projectId, [[]])
  bench.put('film.mov', 'start')
  truncateSync(join(bench.root, 'film.mov'), 10_000_001)
  const written = await bench.begin(a).workspace.write('film.mov', Buffer.from('gone'))
  expect(written).toMatchObject({
    ok: false,
    error: { kind: 'too_large', message: expect.stringContaining('for undo') },
  })
  expect(readFileSync(join(bench.root, 'film.mov')).byteLength).toBe(10_000_001)
})

test('E10 nothing that lies in the workspace steers git', async () => {
  const bench = await checkpointBench(SEARCH)
  const { root, service } = bench
  // Also not what Baton itself was started with, say from a hook.
  for (const name of ['GIT_DIR', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_EXTERNAL_DIFF', 'GIT_CONFIG_GLOBAL']) {
    vi.stubEnv(name, '/nowhere')
  }
  const [a = 0] = bench.tasks(bench.projectId, [[]])
  const witness = join(bench.dataDir, 'witness')
  const run = `sh -c 'echo ran >> ${witness}'`
  const config = `[core]\n\tfsmonitor = ${run}\n\thooksPath = hooks\n[filter "evil"]\n\tclean = ${run}\n\tsmudge = ${run}\n[diff "evil"]\n\tcommand = ${run}\n\ttextconv = ${run}\n`
  mkdirSync(join(root, '.git', 'hooks'), { recursive: true })
  for (const hook of ['pre-commit', 'post-index-change', 'reference-transaction', 'post-commit']) {
    writeFileSync(join(root, '.git', 'hooks', hook), `#!/bin/sh\n${run}\n`, { mode: 0o755 })
  }
  writeFileSync(join(root, '.git', 'config'), config)
  writeFileSync(join(root, '.gitattributes'), '* filter=evil diff=evil ident eol=crlf\n')
  mkdirSync(join(root, 'sub'))
  writeFileSync(join(root, 'sub', '.git'), `gitdir: ${join(root, '.git')}\n`)
  symlinkSync('/etc/passwd', join(root, 'link.md'))

  await bench.work(a, { '.gitattributes': '* filter=evil diff=evil -diff\n', 'a.md': '$Id$\n', 'sub/b.md': 'b\n' })
  expect(granted(await service.diff(taskId(a))).text).toContain('+$Id$')
  granted(await service.undo(taskId(a)))
  expect(bench.look('.gitattributes')).toBe('* filter=evil diff=evil ident eol=crlf\n')
  expect(bench.look('sub/b.md')).toBeNull()
  expect(readFileSync(join(root, '.git', 'config'), 'utf8')).toBe(config)
  expect(namesIn(join(root, '.git'))).toEqual(['config', 'hooks'])
  expect(namesIn(bench.dataDir)).not.toContain('witness')
  expect(await bench.begin(a).workspace.write('link.md', Buffer.from('x'))).toMatchObject({ ok: false })
})

test('E10 a crash between the write and the commit loses nothing: the commit is made at the next look', async () => {
  const bench = await checkpointBench(SEARCH)
  const { store, service } = bench
  const [a = 0] = bench.tasks(bench.projectId, [[]])
  bench.put('old.md', 'old\n')
  const run = bench.begin(a)
  await run.workspace.write('done.md', Buffer.from('done\n'))
  await run.workspace.write('old.md', Buffer.from('new\n'))
  // As a process leaves it that died in the middle: one change happened unnoticed, one had only been begun.
  const keeper = bench.recorder.keeper({ project_id: bench.projectId, task_id: a, run_id: run.id })
  await keeper.begin('never.md', null, Buffer.from('never\n'))
  store.sqlite.prepare("UPDATE file_change SET state = 'sent'").run()
  store.sqlite.prepare("UPDATE run SET state = 'failed'").run()
  store.sqlite.prepare("UPDATE task SET state = 'failed' WHERE id = ?").run(a)
  await bench.recorder.commitEnded()
  await bench.recorder.commitEnded()
  expect(bench.git('log', '--format=%s', '--name-status', 'main').trim().split(/\n+/)).toEqual([
    ...['Task 0 (failed)', 'A\tdone.md', 'M\told.md'],
    ...['As found', 'A\told.md'],
  ])
  granted(await service.undo(taskId(a)))
  expect([bench.look('old.md'), bench.look('done.md')]).toEqual(['old\n', null])
})

test('E5 E10 a run that goes on after a crash and ends after one that wrote the same file leaves the newer in the history', async () => {
  const bench = await checkpointBench(SEARCH)
  const [a = 0, b = 0] = bench.tasks(bench.projectId, [[], []])
  const [broken, other] = [bench.begin(a), bench.begin(b)]
  await broken.workspace.write('shared.md', Buffer.from('one\n'))
  await broken.workspace.write('mine.md', Buffer.from('mine\n'))
  await other.workspace.write('shared.md', Buffer.from('one and two\n'))
  await other.end()
  await broken.end()
  expect(bench.git('show', 'main:shared.md')).toBe('one and two\n')
  expect(bench.git('show', 'main:mine.md')).toBe('mine\n')
  expect(changesIn(granted(await bench.service.diff(taskId(a))))).toEqual(['added mine.md', 'added shared.md'])
  // One that has nothing of its own left is a checkpoint all the same.
  expect(granted(await bench.service.checkpoints(bench.project_id, PAGE)).items.map((item) => item.files)).toEqual([
    2, 1,
  ])
})

test('E10 a write that is made again after a crash counts once', async () => {
  const bench = await checkpointBench(SEARCH)
  const [a = 0] = bench.tasks(bench.projectId, [[]])
  bench.put('a.md', 'old\n')
  const run = bench.begin(a)
  const keeper = bench.recorder.keeper({ project_id: bench.projectId, task_id: a, run_id: run.id })
  await keeper.begin('a.md', Buffer.from('old\n'), Buffer.from('new\n'))
  await run.workspace.write('a.md', Buffer.from('new\n'))
  await run.end()
  expect(granted(await bench.service.undo(taskId(a))).state).toBe('cancelled')
  expect(bench.look('a.md')).toBe('old\n')
})

test('E10 an undo that was broken off is finished by asking again', async () => {
  const bench = await checkpointBench(SEARCH)
  const [a = 0] = bench.tasks(bench.projectId, [[]])
  bench.put('a.md', 'old\n')
  await bench.work(a, { 'a.md': 'new\n', 'b.md': 'new\n' })
  const keeper = bench.recorder.keeper({ project_id: bench.projectId, task_id: null, run_id: null })
  await keeper.begin('a.md', Buffer.from('new\n'), Buffer.from('old\n'))
  bench.put('a.md', 'old\n')
  granted(await bench.service.undo(taskId(a)))
  expect([bench.look('a.md'), bench.look('b.md')]).toEqual(['old\n', null])
  expect(bench.git('show', 'main:a.md')).toBe('old\n')
  expect(bench.state(a)).toBe('cancelled')
})

test('E5 E10 what a dead core had begun to put back is as the task left it again, and can be undone as a whole', async () => {
  const bench = await checkpointBench(SEARCH)
  const { store, events, recorder, look } = bench
  const [a = 0] = bench.tasks(bench.projectId, [[]])
  bench.put('a.md', 'old\n')
  await bench.work(a, { 'a.md': 'new\n', 'b.md': 'made\n', 'c.md': 'made\n' })
  const keeper = recorder.keeper({ project_id: bench.projectId, task_id: null, run_id: null })
  const begin = (path: string, before: string, after: string | null): ReturnType<typeof keeper.begin> =>
    keeper.begin(path, Buffer.from(before), after === null ? null : Buffer.from(after))
  // Put back, and noted; put back, and not noted; about to be put back.
  const noted = await begin('a.md', 'new\n', 'old\n')
  bench.put('a.md', 'old\n')
  if (noted.ok) await keeper.done(noted.value)
  await begin('b.md', 'made\n', null)
  rmSync(join(bench.root, 'b.md'))
  await begin('c.md', 'made\n', null)

  const warned: string[] = []
  const log = { info: () => undefined, warn: (text: string) => warned.push(text), error: console.error }
  const openWorkspace = (root: string): ReturnType<typeof openLocalWorkspace> =>
    openLocalWorkspace(root, DEFAULT_FILE_RULES)
  const parts = { store, events, recorder, openWorkspace, trash: moveToTrash, log }
  await takeBackBrokenOff(parts)
  await takeBackBrokenOff(parts)
  expect(['a.md', 'b.md', 'c.md'].map(look)).toEqual(['new\n', 'made\n', 'made\n'])
  expect(events.list({ after: 0, limit: 100, type: 'checkpoint.broken_off' }).map(({ data }) => data)).toEqual([
    { files: 2 },
  ])
  expect(warned).toHaveLength(1)
  granted(await bench.service.undo(taskId(a)))
  expect(['a.md', 'b.md', 'c.md'].map(look)).toEqual(['old\n', null, null])
})

test('E10 restore puts the workspace back to a checkpoint, and forward again', async () => {
  const bench = await checkpointBench(SEARCH)
  const { service, project_id, look, state } = bench
  const [a = 0, b = 0, c = 0] = bench.tasks(bench.projectId, [[], [], []])
  bench.put('notes.md', '0\n')
  bench.put('late.md', 'of the user\n')
  await bench.work(a, { 'notes.md': 'a\n' })
  await bench.work(b, { 'notes.md': 'b\n', 'b.md': 'b\n' })
  await bench.work(c, { 'notes.md': 'c\n', 'late.md': 'c\n' })
  const [third, , first] = granted(await service.checkpoints(project_id, PAGE)).items
  granted(await service.restore(project_id, first?.id ?? ''))
  expect(['notes.md', 'b.md', 'late.md'].map(look)).toEqual(['a\n', null, 'of the user\n'])
  expect([a, b, c].map(state)).toEqual(['succeeded', 'cancelled', 'cancelled'])

  granted(await service.restore(project_id, third?.id ?? ''))
  expect(['notes.md', 'b.md', 'late.md'].map(look)).toEqual(['c\n', 'b\n', 'c\n'])
  expect(changesIn(granted(await service.diff(taskId(c))))).toEqual(['changed late.md', 'changed notes.md'])

  bench.put('notes.md', 'by the user\n')
  expect(conflictsOf(await service.restore(project_id, first?.id ?? ''))).toEqual([
    { path: 'notes.md', reason: 'It was changed since.' },
  ])
  expect(look('b.md')).toBe('b\n')
  expect(await service.restore(project_id, 'chk_zz')).toMatchObject({ ok: false, error: { code: 'not_found' } })
})

test('E10 what going back would do is told beforehand, changes nothing, and is what then happens', async () => {
  const bench = await checkpointBench(SEARCH)
  const { service, project_id, look, state } = bench
  const [a = 0, b = 0] = bench.tasks(bench.projectId, [[], []])
  bench.put('late.md', 'of the user\n')
  await bench.work(a, { 'notes.md': 'a\n', 'gone.md': 'a\n' })
  await bench.work(b, { 'notes.md': 'b\n', 'b.md': 'b\n', 'late.md': 'b\n' })
  const first = granted(await service.diff(taskId(a))).checkpoint_id ?? ''
  const seen = granted(await service.previewRestore(project_id, first))
  expect(seen).toMatchObject({ checkpoint: { id: first, title: 'Task 0' }, conflicts: [], unfinished: [] })
  expect(seen.cancelled).toEqual([{ task_id: taskId(b), title: 'Task 1' }])
  expect(seen.files.map(({ path, change }) => `${change} ${path}`)).toEqual([
    ...['deleted b.md', 'changed late.md', 'changed notes.md'],
  ])
  expect(['notes.md', 'b.md', 'late.md'].map(look)).toEqual(['b\n', 'b\n', 'b\n'])
  expect([a, b].map(state)).toEqual(['succeeded', 'succeeded'])

  bench.put('notes.md', 'by the user\n')
  expect(granted(await service.previewRestore(project_id, first)).conflicts).toEqual([
    { path: 'notes.md', reason: 'It was changed since.' },
  ])
  bench.put('notes.md', 'b\n')
  granted(await service.restore(project_id, first))
  expect(['notes.md', 'b.md', 'late.md'].map(look)).toEqual(['a\n', null, 'of the user\n'])
  expect([a, b].map(state)).toEqual(['succeeded', 'cancelled'])
  expect(granted(await service.previewRestore(project_id, first))).toMatchObject({ files: [], cancelled: [] })
  expect(await service.previewRestore(project_id, 'chk_zz')).toMatchObject({ ok: false, error: { code: 'not_found' } })
})

test('E10 without git the work goes on, and every answer says why there are no checkpoints', async () => {
  const bench = await checkpointBench('/nowhere')
  const [a = 0] = bench.tasks(bench.projectId, [[]])
  await bench.work(a, { 'a.md': 'a\n' })
  expect(bench.look('a.md')).toBe('a\n')
  const why = expect.stringMatching(/Checkpoints are off.*git was not found.*Install git/) as string
  expect(granted(await bench.service.checkpoints(bench.project_id, PAGE))).toEqual({
    items: [],
    next_cursor: null,
    unavailable: why,
  })
  expect(granted(await bench.service.diff(taskId(a)))).toMatchObject({ files: [], unavailable: why })
  expect(await bench.service.undo(taskId(a))).toMatchObject({ ok: false, error: { code: 'unavailable', message: why } })
  expect(namesIn(bench.dataDir)).not.toContain('git')
})
