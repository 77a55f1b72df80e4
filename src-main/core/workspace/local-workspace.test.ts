import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkedFolders } from './checked-folders.ts'
import { descriptorFolders } from './descriptor-folders.ts'
import { DEFAULT_FILE_RULES, type FileRules, fileRules } from './file-rules.ts'
import type { FolderAccess } from './folder.ts'
import { openLocalWorkspace } from './local-workspace.ts'
import { tidyTimes } from './tidy-times.ts'
import type { Workspace } from './workspace.ts'

const SECRET = 'secret outside the workspace'
let base: string
let root: string
let outside: string

beforeEach(() => {
  base = mkdtempSync(join(realpathSync(tmpdir()), 'baton-workspace-'))
  root = join(base, 'workspace')
  outside = join(base, 'outside')
  mkdirSync(root)
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret.txt'), SECRET)
})

afterEach(() => rmSync(base, { recursive: true, force: true }))

const bytes = (text: string) => new TextEncoder().encode(text)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

async function opened(access: FolderAccess, rules: Partial<FileRules> = {}): Promise<Workspace> {
  const workspace = await openLocalWorkspace(root, { ...DEFAULT_FILE_RULES, ...rules }, access)
  if (!workspace.ok) throw new Error(workspace.error.message)
  return workspace.value
}

async function text(workspace: Workspace, path: string): Promise<string> {
  const read = await workspace.read(path)
  return read.ok ? new TextDecoder().decode(read.value) : read.error.kind
}

/** How each of the ways to a file ends: 'ok' or the kind of the refusal. */
async function outcomes(workspace: Workspace, path: string): Promise<string[]> {
  const results = [await workspace.read(path), await workspace.write(path, bytes('pwned')), await workspace.hash(path)]
  return results.map((result) => (result.ok ? 'ok' : result.error.kind))
}

function expectOutsideUntouched(): void {
  expect(readdirSync(outside)).toEqual(['secret.txt'])
  expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe(SECRET)
}

const temporaries = () => readdirSync(root, { recursive: true }).filter((name) => String(name).includes('baton-tmp'))

const ACCESSES: [string, FolderAccess][] =
  process.platform === 'linux'
    ? [
        ['descriptors', descriptorFolders],
        ['checks', checkedFolders],
      ]
    : [['checks', checkedFolders]]

describe.each(ACCESSES)('by %s', (_, access) => {
  it('T3 writes, reads, hashes and lists, and makes folders on the way', async () => {
    const workspace = await opened(access)
    expect(await workspace.write('src/deep/a.txt', bytes('one'))).toEqual({ ok: true, value: undefined })
    expect(await workspace.write('./src//deep/a.txt', bytes('two'))).toEqual({ ok: true, value: undefined })
    expect(await text(workspace, 'src/deep/a.txt')).toBe('two')
    expect(await workspace.hash('src/deep/a.txt')).toEqual({ ok: true, value: sha256('two') })
    expect(await workspace.hash('nowhere/at/all')).toEqual({ ok: true, value: null })
    const listed = await workspace.list()
    expect(listed).toMatchObject({
      ok: true,
      value: { truncated: false, files: [{ path: 'src/deep/a.txt', bytes: 3 }] },
    })
    expect(temporaries()).toEqual([])
  })

  it('T3 lists in the order of the paths, up to a limit', async () => {
    const workspace = await opened(access)
    const paths = ['a-b', 'a.txt', 'a/z', 'a0', 'b/c/d', 'é']
    for (const path of paths.toReversed()) await workspace.write(path, bytes(path))
    const all = await workspace.list()
    expect(all.ok && all.value.files.map((file) => file.path)).toEqual(paths)
    const some = await workspace.list('', 2)
    expect(some.ok && [some.value.files.map((file) => file.path), some.value.truncated]).toEqual([
      ['a-b', 'a.txt'],
      true,
    ])
    const exact = await workspace.list('', paths.length)
    expect(exact.ok && exact.value.truncated).toBe(false)
    const below = await workspace.list('b/')
    expect(below.ok && below.value.files.map((file) => file.path)).toEqual(['b/c/d'])
    expect(await workspace.list('nowhere')).toMatchObject({ ok: false, error: { kind: 'not_found' } })
  })

  it('T3 refuses a link in the middle and at the end of a path, and does not list it', async () => {
    symlinkSync(outside, join(root, 'folder'))
    symlinkSync(join(outside, 'secret.txt'), join(root, 'file'))
    symlinkSync(join(outside, 'new.txt'), join(root, 'dangling'))
    mkdirSync(join(root, 'real'))
    symlinkSync('real', join(root, 'inner'))
    const workspace = await opened(access)
    for (const path of ['folder/secret.txt', 'file', 'dangling', 'inner/x']) {
      expect(await outcomes(workspace, path), path).toEqual(['link', 'link', 'link'])
    }
    expect(await workspace.list('folder')).toMatchObject({ ok: false, error: { kind: 'link' } })
    expect(await workspace.list()).toEqual({ ok: true, value: { files: [], truncated: false } })
    expectOutsideUntouched()
  })

  it('T3 refuses hard links', async () => {
    linkSync(join(outside, 'secret.txt'), join(root, 'hard.txt'))
    const workspace = await opened(access)
    expect(await outcomes(workspace, 'hard.txt')).toEqual(['link', 'link', 'link'])
    expect(await workspace.list()).toMatchObject({ ok: true, value: { files: [] } })
    expectOutsideUntouched()
  })

  it.skipIf(process.platform === 'win32')('T3 refuses pipes and sockets without waiting on them', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    const server = createServer().listen(join(root, 'socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    try {
      const workspace = await opened(access)
      for (const path of ['pipe', 'socket']) {
        expect(await outcomes(workspace, path), path).toEqual(['not_a_file', 'not_a_file', 'not_a_file'])
      }
      expect(await workspace.list()).toMatchObject({ ok: true, value: { files: [] } })
    } finally {
      server.close()
    }
  })

  it('T3 refuses a folder as a file, and a file as a folder', async () => {
    const workspace = await opened(access)
    await workspace.write('a/b', bytes('x'))
    expect(await outcomes(workspace, 'a')).toEqual(['not_a_file', 'not_a_file', 'not_a_file'])
    expect(await outcomes(workspace, 'a/b/c')).toEqual(['not_a_file', 'not_a_file', 'not_a_file'])
    expect(await outcomes(workspace, '')).toEqual(['not_a_file', 'not_a_file', 'not_a_file'])
  })

  it('T3 refuses forbidden names anywhere in a path, and does not list them', async () => {
    mkdirSync(join(root, '.GIT'))
    writeFileSync(join(root, '.GIT', 'config'), 'x')
    writeFileSync(join(root, '.Env'), 'x')
    writeFileSync(join(root, 'cafe\u0301.txt'), 'x')
    const workspace = await opened(access, { forbidden: ['caf\u00e9.*'] })
    const paths = [
      '.GIT/config',
      'a/.git/hooks/x',
      '.Env',
      '.env.local',
      'CAF\u00c9.txt',
      'cafe\u0301.txt',
      'a.pem/x',
      '.baton-tmp-1',
      '.Baton-TMP-x/y',
    ]
    for (const path of paths)
      expect(await outcomes(workspace, path), path).toEqual(['forbidden', 'forbidden', 'forbidden'])
    expect(await workspace.list('.git')).toMatchObject({ ok: false, error: { kind: 'forbidden' } })
    expect(await workspace.list()).toMatchObject({ ok: true, value: { files: [] } })
    expect(await workspace.write('.env.example', bytes('KEY='))).toMatchObject({ ok: true })
  })

  it('T3 keeps to its size caps', async () => {
    const workspace = await opened(access, { max_read_bytes: 10, max_write_bytes: 20 })
    expect(await workspace.write('a', new Uint8Array(20))).toMatchObject({ ok: true })
    expect(await workspace.write('a', new Uint8Array(21))).toMatchObject({ ok: false, error: { kind: 'too_large' } })
    expect(await workspace.read('a')).toMatchObject({ ok: false, error: { kind: 'too_large' } })
    expect(await workspace.read('a', 20)).toMatchObject({ ok: true })
    truncateSync(join(root, 'a'), 10)
    expect(await workspace.read('a')).toMatchObject({ ok: true })
    expect(await workspace.hash('a')).toMatchObject({ ok: true })
  })

  it.skipIf(process.platform === 'win32')('T3 keeps the permissions of the file that it replaces', async () => {
    const workspace = await opened(access)
    writeFileSync(join(root, 'run.sh'), 'old')
    chmodSync(join(root, 'run.sh'), 0o750)
    await workspace.write('run.sh', bytes('new'))
    expect(statSync(join(root, 'run.sh')).mode & 0o777).toBe(0o750)
    await workspace.write('plain', bytes('new'))
    expect(statSync(join(root, 'plain')).mode & 0o111).toBe(0)
  })

  it('T3 shows every reader a whole file while several writers write', async () => {
    const workspace = await opened(access)
    const contents = Array.from({ length: 8 }, (_unused, index) => String(index).repeat(50_000 + index))
    await workspace.write('x/shared', bytes(contents[0] ?? ''))
    const reads: Promise<string>[] = []
    const writes = contents.flatMap((content) => {
      reads.push(text(workspace, 'x/shared'))
      return [workspace.write('x/shared', bytes(content)), workspace.write('x/shared', bytes(content))]
    })
    for (const write of await Promise.all(writes)) expect(write.ok).toBe(true)
    for (const read of [...(await Promise.all(reads)), await text(workspace, 'x/shared')])
      expect(contents).toContain(read)
    expect(temporaries()).toEqual([])
  })

  it('T3 leaves nothing behind when a write fails', async () => {
    const workspace = await opened(access)
    mkdirSync(join(root, 'target'))
    expect(await workspace.write('target', bytes('x'))).toMatchObject({ ok: false })
    expect(temporaries()).toEqual([])
  })

  it('T3 removes the unfinished files of dead writers when it opens, and only those', async () => {
    mkdirSync(join(root, 'deep'))
    const dead = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim()
    const name = (pid: number | string) => `.baton-tmp-${pid}-0123456789abcdef`
    writeFileSync(join(root, name(dead)), 'half')
    writeFileSync(join(root, 'deep', name(process.pid)), 'half')
    writeFileSync(join(root, name(process.ppid)), 'of a living process')
    writeFileSync(join(root, 'deep', name(process.ppid)), 'of a living process, but old')
    utimesSync(join(root, 'deep', name(process.ppid)), 1, 1)
    writeFileSync(join(root, '.baton-tmp-notes'), 'not ours')
    const workspace = await opened(access)
    expect(temporaries().toSorted()).toEqual([name(process.ppid), '.baton-tmp-notes'].toSorted())
    expect(await workspace.list()).toMatchObject({ ok: true, value: { files: [] } })
  })

  it('T3 looks for what dead writers left at the first opening, and then once an hour', async () => {
    let now = 0
    const isTidyTime = tidyTimes(() => now)
    const leave = () => writeFileSync(join(root, `.baton-tmp-${process.pid}-0123456789abcdef`), 'half')
    const left = async (): Promise<number> => {
      leave()
      expect((await openLocalWorkspace(root, DEFAULT_FILE_RULES, access, undefined, isTidyTime)).ok).toBe(true)
      return temporaries().length
    }
    expect(await left()).toBe(0)
    now += 3_599_999
    expect(await left()).toBe(1)
    now += 1
    expect(await left()).toBe(0)
  })

  it('T3 does not disturb a write that is under way when the workspace is opened again', async () => {
    const first = await opened(access)
    const writes = Array.from({ length: 20 }, (_unused, index) => first.write(`f${index}`, bytes('x'.repeat(100_000))))
    await Promise.all([opened(access), opened(access), opened(access)])
    for (const write of await Promise.all(writes)) expect(write).toMatchObject({ ok: true })
  })

  it('T3 refuses when another folder took the place of the root', async () => {
    const workspace = await opened(access)
    renameSync(root, `${root}-moved`)
    mkdirSync(root)
    expect(await outcomes(workspace, 'a')).toEqual(['outside', 'outside', 'outside'])
    rmSync(root, { recursive: true })
    symlinkSync(outside, root)
    expect((await outcomes(workspace, 'secret.txt')).includes('ok')).toBe(false)
    expectOutsideUntouched()
  })

  it('T3 property: any path is refused or stays inside', async () => {
    symlinkSync(outside, join(root, 'link'))
    symlinkSync('..', join(root, 'up'))
    mkdirSync(join(root, 'd'))
    const workspace = await opened(access)
    const nasty = fc.constantFrom(
      '..',
      '.',
      '',
      'a',
      'd',
      'link',
      'up',
      'outside',
      '.git',
      '.GIT',
      'C:',
      '~',
      '\0',
      '...',
      '.. ',
      '..\u200b',
      '．．',
      '%2e%2e',
      '/',
      '\\',
      '..\\',
      'secret.txt',
      base,
      root,
    )
    const anyPath = fc.oneof(
      fc.array(fc.oneof(nasty, fc.string({ maxLength: 4 })), { maxLength: 6 }).map((parts) => parts.join('/')),
      fc.string({ unit: 'binary', maxLength: 20 }),
    )
    await fc.assert(
      fc.asyncProperty(anyPath, fc.uuid(), async (path, content) => {
        const written = await workspace.write(path, bytes(content))
        expectOutsideUntouched()
        expect(readdirSync(base).toSorted()).toEqual(['outside', 'workspace'])
        expect(await text(workspace, path)).not.toBe(SECRET)
        if (!written.ok) return
        const real = realpathSync(join(root, path))
        expect(real.startsWith(`${root}/`)).toBe(true)
        expect(readFileSync(real, 'utf8')).toBe(content)
      }),
      { numRuns: 200 },
    )
  })
})

it.skipIf(process.platform !== 'linux')(
  'T3 stays inside or refuses while a folder is swapped for a link',
  async () => {
    const workspace = await opened(descriptorFolders)
    await workspace.write('swap/secret.txt', bytes('inside'))
    const swaps = new Int32Array(new SharedArrayBuffer(8))
    // The attacker: in a thread of its own, as fast as it can.
    const attacker = new Worker(
      `const { workerData: { root, outside, swaps } } = require('node:worker_threads')
     const fs = require('node:fs')
     const attempt = (act) => { try { act() } catch {} }
     while (Atomics.load(swaps, 1) === 0) {
       attempt(() => fs.renameSync(root + '/swap', root + '/kept'))
       // The writer may have made the folder anew in between; then there is nothing to swap this time.
       attempt(() => fs.symlinkSync(outside, root + '/swap'))
       attempt(() => fs.unlinkSync(root + '/swap'))
       attempt(() => fs.renameSync(root + '/kept', root + '/swap'))
       attempt(() => fs.rmSync(root + '/kept', { recursive: true }))
       // The last component: a file and a link to the secret in turns, always whole.
       attempt(() => fs.writeFileSync(root + '/next', 'inside'))
       attempt(() => fs.renameSync(root + '/next', root + '/final.txt'))
       attempt(() => fs.symlinkSync(outside + '/secret.txt', root + '/next'))
       attempt(() => fs.renameSync(root + '/next', root + '/final.txt'))
       Atomics.add(swaps, 0, 1)
     }`,
      { eval: true, workerData: { root, outside, swaps } },
    )
    const stopped = new Promise((resolve) => attacker.once('exit', resolve))
    const seen = { ok: 0, refused: 0 }
    try {
      // Not by time: until there was enough of both, so that the race was really run.
      while (Atomics.load(swaps, 0) < 2_000 || seen.ok < 50 || seen.refused < 20) {
        const results = [
          await workspace.write('swap/secret.txt', bytes('inside')),
          await workspace.write('swap/new.txt', bytes('inside')),
        ]
        const read = await workspace.read('swap/secret.txt')
        if (read.ok) expect(new TextDecoder().decode(read.value)).toBe('inside')
        const final = await workspace.read('final.txt')
        if (final.ok) expect(new TextDecoder().decode(final.value)).toBe('inside')
        await workspace.write('final.txt', bytes('inside'))
        const listed = await workspace.list('swap')
        if (listed.ok) for (const file of listed.value.files) expect(file.bytes).toBe('inside'.length)
        for (const result of [...results, read]) seen[result.ok ? 'ok' : 'refused'] += 1
      }
    } finally {
      Atomics.store(swaps, 1, 1)
      await stopped
    }
    expectOutsideUntouched()
    expect(temporaries()).toEqual([])
  },
  60_000,
)

it('T3 resolves links in the path of the workspace itself once, when it opens', async () => {
  const alias = join(base, 'alias')
  symlinkSync(root, alias)
  const workspace = await openLocalWorkspace(alias, DEFAULT_FILE_RULES)
  expect(workspace.ok && workspace.value.root).toBe(root)
  unlinkSync(alias)
  symlinkSync(outside, alias)
  if (workspace.ok) await workspace.value.write('a', bytes('x'))
  expect(existsSync(join(root, 'a'))).toBe(true)
  expectOutsideUntouched()
})

it('T3 refuses to open what is not there or is no folder', async () => {
  expect(await openLocalWorkspace(join(base, 'nowhere'), DEFAULT_FILE_RULES)).toMatchObject({
    ok: false,
    error: { kind: 'not_found' },
  })
  expect(await openLocalWorkspace(join(outside, 'secret.txt'), DEFAULT_FILE_RULES)).toMatchObject({
    ok: false,
    error: { kind: 'not_a_file' },
  })
})

it.skipIf(process.platform !== 'linux')('T3 holds no descriptor when a call has ended', async () => {
  const workspace = await opened(descriptorFolders)
  const count = () => readdirSync('/proc/self/fd').length
  await workspace.write('a/b/c', bytes('x'))
  const before = count()
  for (let index = 0; index < 50; index += 1) {
    await outcomes(workspace, 'a/b/c')
    await outcomes(workspace, 'a/b/c/d')
    await workspace.list('', 0)
    await workspace.list('a/b/c')
  }
  expect(count()).toBe(before)
})

it('E5 leaves whole files and no others when the writer is killed at any point', async () => {
  const contents = ['a', 'b'].map((letter) => letter.repeat(300_000))
  const writer = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `const { openLocalWorkspace } = await import(${JSON.stringify(new URL('local-workspace.ts', import.meta.url).href)})
       const { DEFAULT_FILE_RULES } = await import(${JSON.stringify(new URL('file-rules.ts', import.meta.url).href)})
       const workspace = await openLocalWorkspace(${JSON.stringify(root)}, DEFAULT_FILE_RULES)
       for (let round = 0; ; round += 1) {
         const content = Buffer.from((round % 2 === 0 ? 'a' : 'b').repeat(300000))
         const writes = ['f', 'd/g'].map((path) => workspace.value.write(path, content))
         for (const write of await Promise.all(writes)) if (!write.ok) throw new Error(write.error.message)
         process.stdout.write('.')
       }`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exited = new Promise((resolve) => writer.once('exit', resolve))
  let rounds = 0
  for await (const dots of writer.stdout) {
    rounds += String(dots).length
    if (rounds >= 5) break
  }
  writer.kill('SIGKILL')
  await exited
  expect(rounds).toBeGreaterThanOrEqual(5)
  const workspace = await openLocalWorkspace(root, DEFAULT_FILE_RULES)
  if (!workspace.ok) throw new Error(workspace.error.message)
  expect(temporaries()).toEqual([])
  for (const path of ['f', 'd/g']) expect(contents).toContain(await text(workspace.value, path))
})

it('T3 takes more forbidden names from the settings, but only for single names', () => {
  expect(fileRules.parse({ forbidden: ['*.sqlite'] })).toEqual({ ...DEFAULT_FILE_RULES, forbidden: ['*.sqlite'] })
  for (const forbidden of ['a/b', 'a\\b', ''])
    expect(fileRules.safeParse({ forbidden: [forbidden] }).success).toBe(false)
})
