import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { Result } from '#contract/result.ts'
import { createChildren } from '../process/children.ts'
import { processStart } from '../process/process-start.ts'
import { storeBench } from '../store/store-bench.ts'
import type { GitParts } from './checkpoint-git.ts'
import { type CheckpointRepository, contentName, openCheckpointRepository } from './checkpoint-repository.ts'

function gitParts(path = process.env['PATH'] ?? ''): GitParts {
  const { store, events } = storeBench()
  const log = { info: () => undefined, warn: console.error, error: console.error }
  const self = { pid: process.pid, started: processStart(process.pid) }
  return {
    path,
    failpoint: () => undefined,
    children: createChildren(store, events, self, log, () => undefined),
    project_id: null,
  }
}

function value<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.error)
  return result.value
}

async function bench(): Promise<{ folder: string; repository: CheckpointRepository; look(...args: string[]): string }> {
  const folder = join(mkdtempSync(join(realpathSync(tmpdir()), 'baton-git-')), 'prj_1.git')
  onTestFinished(() => rmSync(join(folder, '..'), { recursive: true, force: true }))
  const repository = value(await openCheckpointRepository(folder, gitParts()))
  return { folder, repository, look: (...args) => execFileSync('git', ['--git-dir', folder, ...args]).toString() }
}

test('E10 keeps any bytes under the name that can be computed without git', async () => {
  const { repository } = await bench()
  for (const content of [
    Buffer.alloc(0),
    Buffer.from('text\r\nwith\nall ends\r'),
    Buffer.from([0, 255, 10, 13, 0]),
    Buffer.alloc(3_000_000, 7),
  ]) {
    const name = value(await repository.put(content))
    expect(name).toBe(contentName(content))
    expect(Buffer.compare(Buffer.from(value(await repository.get(name))), content)).toBe(0)
  }
})

test('E10 a commit shows exactly what changed; what the history did not know goes ahead as found', async () => {
  const { repository, look } = await bench()
  const [old, changed, made] = await Promise.all(
    ['old\n', 'changed\n', 'made\n'].map(async (text) => value(await repository.put(Buffer.from(text)))),
  )
  const first = value(
    await repository.commit({
      parent: null,
      found: new Map([['a b/ö.md', old ?? null]]),
      after: new Map([
        ['a b/ö.md', changed ?? null],
        ['new.md', made ?? null],
      ]),
      message: 'First task\n\nBaton-Task: tsk_1',
    }),
  )
  expect(look('-c', 'core.quotePath=false', 'log', '--format=%s', '--name-status', first).trim().split('\n')).toEqual([
    'First task',
    '',
    'M\ta b/ö.md',
    'A\tnew.md',
    'As found',
    '',
    'A\ta b/ö.md',
  ])
  const second = value(
    await repository.commit({
      parent: first,
      found: new Map(),
      after: new Map([['new.md', null]]),
      message: 'Undo',
    }),
  )
  value(await repository.publish(second))
  expect(look('log', '--format=%s', 'main').trim().split('\n')).toEqual(['Undo', 'First task', 'As found'])
  expect(look('ls-tree', '-r', '--name-only', '-z', 'main')).toBe('a b/ö.md\0')
})

test('E10 a file may come to stand where a folder was, and the other way round', async () => {
  const { repository, look } = await bench()
  const text = value(await repository.put(Buffer.from('x')))
  let parent: string | null = null
  for (const paths of [['a'], ['a/b/c'], ['a/b'], ['a']]) {
    const after = new Map(paths.map((path) => [path, text] as const))
    parent = value(await repository.commit({ parent, found: new Map(), after, message: paths.join() }))
    expect(look('ls-tree', '-r', '--name-only', parent)).toBe(`${paths.join()}\n`)
  }
})

test('E10 attributes in the history do not hide a difference, and large or binary files have no lines', async () => {
  const { repository } = await bench()
  const put = async (content: string | Uint8Array): Promise<string> => value(await repository.put(Buffer.from(content)))
  const attributes = await put('* -diff binary filter=evil diff=evil\n')
  const [one, two] = [await put('one\n'), await put('two\n')]
  const parent = value(
    await repository.commit({
      parent: null,
      found: new Map(),
      after: new Map([['.gitattributes', attributes]]),
      message: 'x',
    }),
  )
  value(await repository.publish(parent))
  const { files, text } = value(
    await repository.diff(
      new Map([
        ['.gitattributes', attributes],
        ['a.md', one],
        ['gone.md', one],
        ['new.bin', null],
        ['big.txt', null],
      ]),
      new Map([
        ['.gitattributes', attributes],
        ['a.md', two],
        ['gone.md', null],
        ['new.bin', await put(new Uint8Array([0, 1, 2]))],
        ['big.txt', await put('line\n'.repeat(300_000))],
      ]),
    ),
  )
  expect(files).toEqual([
    { path: 'a.md', change: 'changed', added: 1, removed: 1 },
    { path: 'big.txt', change: 'added', added: null, removed: null },
    { path: 'gone.md', change: 'deleted', added: 0, removed: 1 },
    { path: 'new.bin', change: 'added', added: null, removed: null },
  ])
  expect(text).toContain('-one\n+two\n')
  expect(text.length).toBeLessThan(2_000)
})

test('E5 what a dead core left of commits and of half-made histories is removed at the first look', async () => {
  const { folder, repository } = await bench()
  value(await repository.put(Buffer.from('kept')))
  writeFileSync(join(folder, 'index-0'), '')
  writeFileSync(join(folder, 'index-0.lock'), '')
  mkdirSync(`${folder}.half`)
  mkdirSync(`${folder}x`)
  const again = value(await openCheckpointRepository(folder, gitParts()))
  expect(Buffer.from(value(await again.get(contentName(Buffer.from('kept'))))).toString()).toBe('kept')
  expect(readdirSync(folder).filter((name) => name.startsWith('index'))).toEqual([])
  expect(readdirSync(join(folder, '..')).toSorted()).toEqual(['prj_1.git', 'prj_1.gitx'])
})

test('E10 a history without git, or with a lost parent, answers with the fault', async () => {
  const { repository, folder } = await bench()
  const lost = await repository.commit({ parent: 'a'.repeat(40), found: new Map(), after: new Map(), message: 'x' })
  expect(lost).toMatchObject({ ok: false, error: expect.stringContaining('git read-tree failed') })
  const none = await openCheckpointRepository(`${folder}-other`, gitParts('/nowhere'))
  expect(none).toMatchObject({ ok: false, error: expect.stringContaining('git init failed') })
})

test('E10 whatever changes, the history has exactly the files, and git finds nothing wrong with it', async () => {
  const { repository, look } = await bench()
  const texts = await Promise.all(
    ['one', 'two', 'thrée'].map(async (text) => value(await repository.put(Buffer.from(text)))),
  )
  const names = ['a', 'a.b', 'a-b', 'ab', 'ö', 'a b', 'z']
  const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
  const change = fc.tuple(path, fc.constantFrom(null, ...texts))
  let parent: string | null = null
  let files = new Map<string, string>()
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 6 }), async (wanted) => {
      const after = new Map<string, string | null>()
      const isBelow = (one: string, other: string) => one.startsWith(`${other}/`)
      for (const [one, object] of wanted) {
        const isInTheWay = [...after].some(
          ([other, kept]) => kept !== null && (isBelow(one, other) || isBelow(other, one)),
        )
        if (object === null || !isInTheWay) after.set(one, object)
      }
      for (const [one, object] of after) if (object === null) files.delete(one)
      for (const [one, object] of after) {
        if (object === null) continue
        files = new Map([...files].filter(([other]) => !isBelow(one, other) && !isBelow(other, one)))
        files.set(one, object)
      }
      parent = value(await repository.commit({ parent, found: new Map(), after, message: 'Some' }))
      const listed = look('ls-tree', '-r', '-z', parent).split('\0').slice(0, -1)
      const seen = listed.map((entry) => /^100644 blob ([0-9a-f]{40})\t(.+)$/.exec(entry)?.slice(1))
      expect(new Map(seen.map((entry) => [entry?.[1], entry?.[0]]))).toEqual(files)
    }),
    { numRuns: 40 },
  )
  value(await repository.publish(parent ?? ''))
  look('fsck', '--strict', '--no-dangling', '--no-progress')
  expect(look('rev-parse', 'main').trim()).toBe(parent)
  expect(look('log', '-1', '--format=%an <%ae>', 'main').trim()).toBe('Baton <baton@localhost>')
})

test('E10 E5 a history that somebody packed is gone on with, and what was half-written goes at the next look', async () => {
  const { repository, folder, look } = await bench()
  const text = value(await repository.put(Buffer.from('x')))
  const first = value(
    await repository.commit({ parent: null, found: new Map(), after: new Map([['a/b', text]]), message: 'One' }),
  )
  value(await repository.publish(first))
  look('gc', '--quiet')
  expect(readdirSync(join(folder, 'objects')).filter((name) => name.length === 2)).toEqual([])
  const second = value(
    await repository.commit({ parent: first, found: new Map(), after: new Map([['a/c', text]]), message: 'Two' }),
  )
  expect(look('ls-tree', '-r', '--name-only', second)).toBe('a/b\na/c\n')

  writeFileSync(join(folder, 'objects', 'tmp_obj_half'), '')
  // Nobody else may move the branch; git says so.
  writeFileSync(join(folder, 'refs', 'heads', 'main.lock'), '')
  expect(await repository.publish(second)).toMatchObject({ ok: false, error: expect.stringContaining('main.lock') })
  const again = value(await openCheckpointRepository(folder, gitParts()))
  value(await again.publish(second))
  expect(look('rev-parse', 'main').trim()).toBe(second)
  expect(readdirSync(join(folder, 'objects'))).not.toContain('tmp_obj_half')
})

test('E10 a path that git does not keep gets into no history', async () => {
  const { repository, look } = await bench()
  const text = value(await repository.put(Buffer.from('x')))
  const paths = ['.git/config', 'a/.GIT/x', 'a//b', '../b', '/b', 'kept']
  const after = new Map(paths.map((path) => [path, text]))
  const commit = value(await repository.commit({ parent: null, found: new Map(), after, message: 'x' }))
  expect(look('ls-tree', '-r', '--name-only', commit)).toBe('kept\n')
})

test('E10 a history that somebody removed takes nothing any more, and no half of one is made in its place', async () => {
  const { folder, repository } = await bench()
  rmSync(folder, { recursive: true })
  expect(await repository.put(Buffer.from('kept\n'))).toMatchObject({ ok: false })
  expect(existsSync(folder)).toBe(false)
})
