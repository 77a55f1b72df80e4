import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { err, ok, type Result } from '#contract/result.ts'
import type { Failpoint } from '../failpoint.ts'
import { type Finding, isPassing } from '../finder.ts'
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
    if (READS.includes(command)) return answerOf(command, () => spawnGit(args, folder, env), input)
    const started = await children.start({
      ...{ program: 'git', args, cwd: folder, env },
      ...{ what: `git ${command}`, project_id, patient },
    })
    if (!started.ok) return started
    const { process: git } = started.value
    return answerOf(command, () => git, input)
  }
  return {
    async text(args, options = {}) {
      const answer = await run(args, options)
      return answer.ok ? ok(answer.value.toString()) : answer
    },
    blob: (id) => run(['cat-file', 'blob', id]),
  }
}

/** Whether git can be used on this machine. `folder` is any that exists. */
export async function findGit(folder: string, path: string): Promise<Finding> {
  const version = await outputOf(() => spawnGit(['version'], folder, environment(folder, path)))
  if (!version.ok && isPassing(version.error)) {
    const fault = `Checkpoints are off for now, so changes of tasks cannot be shown or undone: git could not be started (${version.error.message}). Baton looks for it again when it is needed next.`
    return { fault, passing: true }
  }
  const text = version.ok ? version.value.toString().trim() : ''
  const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? []
  if (major > 2 || (major === 2 && minor >= 28)) return { fault: null, passing: false }
  const found = version.ok ? `only ${text} was found` : 'git was not found'
  const fault = `Checkpoints are off, so changes of tasks cannot be shown or undone: ${found}. Install git 2.28 or newer (https://git-scm.com/downloads), then start Baton again.`
  return { fault, passing: false }
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

async function answerOf(command: string, start: () => Spawned, input?: Uint8Array): GitAnswer<Buffer> {
  const output = await outputOf(start, input)
  if (output.ok) return output
  const why = output.error.message.trim().split('\n').slice(0, 3).join(' ')
  return err(`git ${command} failed: ${why}`)
}

/** Hands git its input and waits for its end; one that says nothing for {@link SILENCE_MS} hangs, and is killed. */
async function outputOf(start: () => Spawned, input?: Uint8Array): Promise<Result<Buffer, Error>> {
  let silence: NodeJS.Timeout | undefined
  try {
    // Some faults that the system rarely has are thrown here, the others are told by an event.
    const git = start()
    // It has no streams where there was no handle for them.
    if (git.pid === undefined) throw (await once(git, 'error'))[0]
    silence = setTimeout(() => git.kill('SIGKILL'), SILENCE_MS)
    const output: Buffer[] = []
    let complaint = ''
    git.stdout.on('data', (chunk: Buffer) => {
      output.push(chunk)
      silence?.refresh()
    })
    git.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
      silence?.refresh()
    })
    // It did not want all of it; its exit code tells the rest.
    git.stdin.on('error', () => undefined)
    git.stdin.end(input)
    const [code, signal] = (await once(git, 'close')) as [number | null, NodeJS.Signals | null]
    if (code === 0) return ok(Buffer.concat(output))
    return err(new Error(complaint.trim() === '' ? `it ended with ${signal ?? code}` : complaint))
  } catch (cause) {
    return err(cause instanceof Error ? cause : new Error(String(cause)))
  } finally {
    clearTimeout(silence)
  }
}
