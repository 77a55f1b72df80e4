import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { err, ok, type Result } from '#contract/result.ts'
import type { Failpoint } from '../failpoint.ts'
import type { Children } from '../process/children.ts'

/** What git answered, or what went wrong, in words. */
export type GitAnswer<T> = Promise<Result<T, string>>

export interface GitOptions {
  readonly input?: Uint8Array
  readonly index?: string
  readonly patient?: boolean
}

/** Runs git on one private repository. */
export interface Git {
  /**
   * Output as text. `input` goes to its standard input; `index` is the index file to use. `patient`: waits while nothing can
   * be written down, as work does, instead of being refused, as what a person asks for is.
   */
  text(args: readonly string[], options?: GitOptions): GitAnswer<string>
  /** The exact bytes of one stored content. */
  blob(id: string): GitAnswer<Uint8Array>
}

/** Where git is looked for, and how it is started. */
export interface GitParts {
  readonly path: string
  readonly children: Pick<Children, 'start'>
  readonly failpoint: Failpoint
  /** Whose history it is. */
  readonly project_id: number | null
}

type Spawned = ChildProcessByStdio<Writable, Readable, Readable>

/** Who writes the history. */
export const AUTHOR = { name: 'Baton', email: 'baton@localhost' } as const

/** The tree without files. Git knows it without storing it. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
const SILENCE_MS = 120_000
/** These change nothing, so they need not be on record, and work where nothing can be written down. */
const READS = ['cat-file', 'diff-tree', 'version']

/**
 * Git for a repository that has no work tree: it never sees the workspace, so nothing in there (`.git`, attributes, hooks)
 * can steer it. It gets contents on its standard input and an environment of its own, without the configuration of user
 * or system (C1). Runs in child processes; faults are values.
 */
export function privateGit(folder: string, { path, children, project_id }: GitParts): Git {
  async function run(args: readonly string[], { input, index, patient = true }: GitOptions = {}): GitAnswer<Buffer> {
    const [command = ''] = args
    const env = environment(folder, path, index)
    if (READS.includes(command)) return answerOf(command, spawnGit(args, folder, env), input)
    const started = await children.start({
      ...{ program: 'git', args, cwd: folder, env },
      ...{ what: `git ${command}`, project_id, patient },
    })
    return started.ok ? answerOf(command, started.value.process, input) : started
  }
  return {
    async text(args, options = {}) {
      const answer = await run(args, options)
      return answer.ok ? ok(answer.value.toString()) : answer
    },
    blob: (id) => run(['cat-file', 'blob', id]),
  }
}

/** Why git cannot be used on this machine and what to do, for a user; null where it can. `folder` is any that exists. */
export async function whyNoGit(folder: string, path: string): Promise<string | null> {
  const version = await answerOf('version', spawnGit(['version'], folder, environment(folder, path)))
  const text = version.ok ? version.value.toString().trim() : ''
  const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? []
  if (major > 2 || (major === 2 && minor >= 28)) return null
  const found = version.ok ? `only ${text} was found` : 'git was not found'
  return `Checkpoints are off, so changes of tasks cannot be shown or undone: ${found}. Install git 2.28 or newer (https://git-scm.com/downloads), then start Baton again.`
}

function environment(folder: string, path: string, index?: string): Record<string, string> {
  return {
    PATH: path,
    LC_ALL: 'C',
    GIT_DIR: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    // Some versions read attributes from the newest commit of a repository without a work tree.
    GIT_ATTR_SOURCE: EMPTY_TREE,
    GIT_AUTHOR_NAME: AUTHOR.name,
    GIT_AUTHOR_EMAIL: AUTHOR.email,
    GIT_COMMITTER_NAME: AUTHOR.name,
    GIT_COMMITTER_EMAIL: AUTHOR.email,
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
  }
}

function spawnGit(args: readonly string[], cwd: string, env: Record<string, string>): Spawned {
  return spawn('git', args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
}

/** Hands git its input and waits for its end; one that says nothing for {@link SILENCE_MS} hangs, and is killed. */
async function answerOf(command: string, git: Spawned, input?: Uint8Array): GitAnswer<Buffer> {
  if (git.pid === undefined) {
    // It has no streams where there was no handle for them.
    const [cause] = (await once(git, 'error')) as [Error]
    return failed(command, cause.message)
  }
  const output: Buffer[] = []
  let complaint = ''
  const silence = setTimeout(() => git.kill('SIGKILL'), SILENCE_MS)
  git.stdout.on('data', (chunk: Buffer) => {
    output.push(chunk)
    silence.refresh()
  })
  git.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
    silence.refresh()
  })
  // It did not want all of it; its exit code tells the rest.
  git.stdin.on('error', () => undefined)
  git.stdin.end(input)
  try {
    const [code, signal] = (await once(git, 'close')) as [number | null, NodeJS.Signals | null]
    if (code === 0) return ok(Buffer.concat(output))
    return failed(command, complaint.trim() === '' ? `it ended with ${signal ?? code}` : complaint)
  } catch (cause) {
    return failed(command, cause instanceof Error ? cause.message : String(cause))
  } finally {
    clearTimeout(silence)
  }
}

function failed(command: string, why: string): Result<never, string> {
  return err(`git ${command} failed: ${why.trim().split('\n').slice(0, 3).join(' ')}`)
}
