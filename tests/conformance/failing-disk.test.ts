import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { AS_BUILT, BATON_PROGRAM } from '../support/baton-program.ts'
import { eventually } from '../support/eventually.ts'
import { filesBelow } from '../support/markdown-folder.ts'

const hasFiu = spawnSync('fiu-run', ['-h']).error === undefined
const BIRDS =
  'Write a field guide to the birds of Lake Constance: one markdown file per bird for twelve birds, an index with links, and a glossary'
const EIO = 5

/** Far more than the demo takes to its first file. */
const STUCK_MS = 20_000
const TRIES = 4

/**
 * Baton at work on the birds, with libfiu in its process. libfiu wraps `malloc` and asks for the names of functions while it
 * holds a lock of its own, so a thread of it and a main thread that loads a native module at that moment wait for each other
 * for ever. Such a start tells nothing of Baton, and is made again.
 */
async function underFiu(tries = TRIES) {
  const folder = mkdtempSync(join(tmpdir(), 'baton-failing-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const data = join(folder, 'data')
  const control = join(folder, 'fiu')
  const env = { ...process.env, ...AS_BUILT, HOME: folder, BATON_DATA_DIR: data, OLLAMA_HOST: '127.0.0.1:1' }
  const child = spawn(
    'fiu-run',
    ['-x', '-f', control, process.execPath, BATON_PROGRAM, 'run', BIRDS, '--yes', '--profile', 'demo'],
    { env },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'close')
  let told = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text
  })
  child.stdout.resume()
  const hasBirds = () => existsSync(join(data, 'workspaces', 'prj_1', 'birds'))
  for (const end = Date.now() + STUCK_MS; !hasBirds() && child.exitCode === null && Date.now() < end; ) await sleep(20)
  if (!hasBirds()) {
    if (child.exitCode !== null || tries === 1) throw new Error(`Baton under fiu-run wrote no bird: ${told}`)
    child.kill('SIGKILL')
    await ended
    return underFiu(tries - 1)
  }
  const order = (command: string): void => {
    execFileSync('fiu-ctrl', ['-f', control, '-c', command, String(child.pid)])
  }
  return { data, ended, order, told: () => told }
}

test.skipIf(!hasFiu)(
  `D4 work outlasts a disk that fails for a while${hasFiu ? '' : ' (skipped: no fiu-run)'}`,
  async () => {
    const { data, ended, order, told } = await underFiu()
    const points = ['posix/io/rw/pwrite', 'posix/io/sync/fdatasync']
    for (const name of points) order(`enable_random name=${name},probability=0.3,failinfo=${EIO}`)
    await eventually('the trouble', () => /The disk with Baton's data/.test(told()))
    // Long enough for it to look again and fail again.
    await sleep(3_000)
    for (const name of points) order(`disable name=${name}`)

    const [code] = await ended
    expect(code, told()).toBe(0)
    expect(told()).toMatch(/The disk takes changes again/)
    const files = filesBelow(join(data, 'workspaces', 'prj_1'))
    // The demo's plan has an outline too; nothing half written lies about.
    expect(files.filter((path) => path.startsWith('birds/') && path.endsWith('.md'))).toHaveLength(12)
    expect(files.filter((path) => !path.startsWith('birds/'))).toEqual(['glossary.md', 'index.md', 'outline.md'])
    const db = new Database(join(data, 'baton.db'), { readonly: true })
    onTestFinished(() => void db.close())
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(db.prepare("SELECT count(*) FROM task WHERE state <> 'succeeded'").pluck().get()).toBe(0)
  },
)
