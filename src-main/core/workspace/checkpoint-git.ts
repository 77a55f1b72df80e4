import { err, ok, type Result } from '#contract/result.ts'

/** What git answered, or what went wrong, in words. */
export type GitAnswer<T> = Promise<Result<T, string>>

/** Runs git on one private repository. */
export interface Git {
  /** Output as text. `input` goes to its standard input; `index` is the index file to use. */
  text(args: readonly string[], options?: { input?: Uint8Array; index?: string }): GitAnswer<string>
  /** The exact bytes of one stored content. */
  blob(id: string): GitAnswer<Uint8Array>
}

/** The tree without files. Git knows it without storing it. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
const SILENCE_MS = 120_000

/**
 * Git for a repository that has no work tree: it never sees the workspace, so nothing in there (`.git`, attributes, hooks)
 * can steer it. It gets contents on its standard input and an environment of its own, without the configuration of user
 * or system (C1). Runs in child processes; faults are values. `path` is where programs are looked for.
 */
export function privateGit(folder: string, path: string): Git {
  const client = async (options: { input?: Uint8Array | undefined; index?: string | undefined } = {}) => {
    const { simpleGit } = await import('simple-git')
    const environment: Record<string, string> = {
      GIT_DIR: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_ATTR_NOSYSTEM: '1',
      // Some versions read attributes from the newest commit of a repository without a work tree.
      GIT_ATTR_SOURCE: EMPTY_TREE,
      GIT_AUTHOR_NAME: 'Baton',
      GIT_AUTHOR_EMAIL: 'baton@localhost',
      GIT_COMMITTER_NAME: 'Baton',
      GIT_COMMITTER_EMAIL: 'baton@localhost',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_TERMINAL_PROMPT: '0',
      ...(options.index === undefined ? {} : { GIT_INDEX_FILE: options.index }),
    }
    const { input } = options
    return simpleGit({
      baseDir: folder,
      allowEnvironment: Object.keys(environment),
      // Baton itself names the configuration and the empty template; neither comes from outside.
      unsafe: { allowUnsafeConfigPaths: true, allowUnsafeTemplateDir: true },
      completion: { onClose: true, onExit: false },
      timeout: { block: SILENCE_MS },
      errors: (error, { exitCode }) => error ?? (exitCode === 0 ? undefined : new Error(`git ended with ${exitCode}`)),
      ...(input === undefined ? {} : { input: () => Buffer.from(input) }),
    }).env({ ...environment, PATH: path, LC_ALL: 'C' })
  }
  return {
    async text(args, options) {
      const git = await client(options)
      return answer(args[0] ?? '', async () => git.raw([...args]))
    },
    async blob(id) {
      const git = await client()
      return answer('cat-file', async (): Promise<Uint8Array> => git.binaryCatFile(['blob', id]))
    },
  }
}

/** Why git cannot be used on this machine and what to do, for a user; null where it can. `folder` is any that exists. */
export async function whyNoGit(folder: string, path: string): Promise<string | null> {
  const version = await privateGit(folder, path).text(['version'])
  const [major = 0, minor = 0] = version.ok ? (/(\d+)\.(\d+)/.exec(version.value)?.slice(1).map(Number) ?? []) : []
  if (major > 2 || (major === 2 && minor >= 28)) return null
  const found = version.ok ? `only ${version.value.trim()} was found` : 'git was not found'
  return `Checkpoints are off, so changes of tasks cannot be shown or undone: ${found}. Install git 2.28 or newer (https://git-scm.com/downloads), then start Baton again.`
}

async function answer<T>(command: string, run: () => Promise<T>): GitAnswer<T> {
  try {
    return ok(await run())
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause)
    return err(`git ${command} failed: ${text.trim().split('\n').slice(0, 3).join(' ')}`)
  }
}
