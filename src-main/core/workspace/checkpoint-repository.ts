import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { FileDiff } from '#contract/checkpoint.ts'
import { err, ok } from '#contract/result.ts'
import { AUTHOR, type Git, type GitAnswer, type GitParts, privateGit } from './checkpoint-git.ts'
import { isKeepable, treeAfter } from './history-tree.ts'
import { draftsIn, looseObjects, objectName, Unreadable } from './loose-objects.ts'

/** Contents by path; null: no such file. */
export type FileContents = ReadonlyMap<string, string | null>

/** A project's private history (E10): contents by their name, and commits over them. Knows nothing of workspaces. */
export interface CheckpointRepository {
  /** Keeps a content durably; answers with its name, which is {@link contentName}. */
  put(content: Uint8Array): GitAnswer<string>
  get(name: string): GitAnswer<Uint8Array>
  /**
   * A commit over `parent` in which exactly these files have `after`. Files that were `found` otherwise than the history
   * has them go ahead in a commit "As found", so that the commit itself shows only what changed. Answers with its name.
   */
  commit(commit: NewCommit): GitAnswer<string>
  /** Names the newest commit, for people who look with git. */
  publish(commit: string): GitAnswer<void>
  /** What lies between two sets of contents: the files with their lines, and a unified diff. */
  diff(before: FileContents, after: FileContents): GitAnswer<{ files: FileDiff[]; text: string }>
}

export interface NewCommit {
  readonly parent: string | null
  readonly found: FileContents
  readonly after: FileContents
  readonly message: string
}

/** Hooks, attributes and the rest that others could have a say in are off; contents are flushed to the disk. */
export const PRIVATE_CONFIG = `[core]
	repositoryformatversion = 0
	filemode = false
	bare = true
	hooksPath = /dev/null
	attributesFile = /dev/null
	fsmonitor = false
	fsync = all
	quotePath = false
	logAllRefUpdates = false
	bigFileThreshold = 1m
[gc]
	auto = 0
[maintenance]
	auto = false
`
const NO_CONTENT = '0'.repeat(40)
const INDEX = 'index-'

/** The name under which git keeps a content. */
export function contentName(content: Uint8Array): string {
  return objectName('blob', content)
}

/** Opens the private repository in `folder`, and makes it where there is none. To be called once in a core for each. */
export async function openCheckpointRepository(folder: string, parts: GitParts): GitAnswer<CheckpointRepository> {
  try {
    await clean(folder)
  } catch (cause) {
    return err(`The private history ${folder} could not be opened: ${String(cause)}`)
  }
  const made = await make(folder, parts)
  return made.ok ? ok(repository(folder, privateGit(folder, parts))) : made
}

/** Removes what a dead core left: half-made repositories, and what belongs to commits that it did not get to make. */
async function clean(folder: string): Promise<void> {
  const drafts = namesIn(dirname(folder)).filter((name) => name.startsWith(`${basename(folder)}.`))
  const indexes = namesIn(folder).filter((name) => name.startsWith(INDEX))
  const left = [
    ...drafts.map((name) => join(dirname(folder), name)),
    ...indexes.map((name) => join(folder, name)),
    ...(await draftsIn(folder)),
    branchLock(folder),
  ]
  await Promise.all(left.map((path) => rm(path, { recursive: true, force: true })))
}

/** The file that lies beside the branch of a private history while that is changed. */
export function branchLock(folder: string): string {
  return `${branchOf(folder)}.lock`
}

function branchOf(folder: string): string {
  return join(folder, 'refs', 'heads', 'main')
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

/** Made beside its place and moved there whole, so that a crash leaves no half of one. */
async function make(folder: string, parts: GitParts): GitAnswer<void> {
  if (existsSync(folder)) return ok(undefined)
  const draft = `${folder}.${randomUUID()}`
  try {
    await mkdir(draft, { recursive: true, mode: 0o700 })
    const made = await privateGit(draft, parts).text([
      'init',
      '--quiet',
      '--bare',
      '--template=',
      '--initial-branch=main',
    ])
    if (!made.ok) return made
    await writeFile(join(draft, 'config'), PRIVATE_CONFIG)
    parts.failpoint('before-history-placed')
    await rename(draft, folder)
    parts.failpoint('after-history-placed')
    return ok(undefined)
  } catch (cause) {
    // Somebody else in this process was faster.
    if (existsSync(folder)) return ok(undefined)
    return err(`The private history ${folder} could not be made: ${String(cause)}`)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

function repository(folder: string, git: Git): CheckpointRepository {
  const objects = looseObjects(folder)

  /**
   * Does `own` in this process: a start of git takes longer than all that it does here, and as long nothing else goes on in
   * this process. What that cannot do (an object in a pack, a full disk) is done by git, which waits or says why not.
   */
  async function orByGit<T>(own: () => Promise<T>, byGit: () => GitAnswer<T>): GitAnswer<T> {
    try {
      return ok(await own())
    } catch (fault) {
      if (fault instanceof Unreadable || isOfDisk(fault)) return byGit()
      throw fault
    }
  }

  async function treeOf(commit: string): Promise<string> {
    const text = (await objects.read('commit', commit)).toString()
    const tree = /^tree ([0-9a-f]{40})\n/.exec(text)?.[1]
    if (tree === undefined) throw new Unreadable(`The commit ${commit} has no tree.`)
    return tree
  }

  function commitOf(tree: string, parent: string | null, message: string): Promise<string> {
    const by = `${AUTHOR.name} <${AUTHOR.email}> ${gitTime(new Date())}`
    const parents = parent === null ? '' : `parent ${parent}\n`
    const text = `tree ${tree}\n${parents}author ${by}\ncommitter ${by}\n\n${message}\n`
    return objects.write('commit', Buffer.from(text))
  }

  async function ownCommit({ parent, found, after, message }: NewCommit): Promise<string> {
    const isPlain = !message.includes('\0') && [...found.keys(), ...after.keys()].every(isKeepable)
    if (!isPlain) throw new Unreadable('What is to be done with these paths is for git to say.')
    let tree = parent === null ? null : await treeOf(parent)
    let last = parent
    if (found.size > 0) {
      tree = await treeAfter(objects, tree, found)
      last = await commitOf(tree, last, asFound(message))
    }
    return commitOf(await treeAfter(objects, tree, after), last, message)
  }

  /** Runs `use` with an index file of its own, so that nothing is left over from another run. */
  async function withIndex<T>(use: (index: string) => GitAnswer<T>): GitAnswer<T> {
    const index = join(folder, `${INDEX}${randomUUID()}`)
    try {
      return await use(index)
    } finally {
      await Promise.all([rm(index, { force: true }), rm(`${index}.lock`, { force: true })])
    }
  }

  /** The tree of an index after these files were set in it. */
  async function treeWith(index: string, files: FileContents, patient = true): GitAnswer<string> {
    if (files.size > 0) {
      const entries = [...files].map(
        ([path, name]) => `${name === null ? 0 : '100644'} ${name ?? NO_CONTENT}\t${path}\0`,
      )
      // What goes away goes first: a file may stand where a folder was.
      const input = Buffer.from(entries.sort().join(''))
      const set = await git.text(['update-index', '--add', '--replace', '-z', '--index-info'], {
        index,
        input,
        patient,
      })
      if (!set.ok) return set
    }
    return line(await git.text(['write-tree'], { index, patient }))
  }

  async function commitTree(tree: string, parent: string | null, message: string): GitAnswer<string> {
    const parents = parent === null ? [] : ['-p', parent]
    return line(await git.text(['commit-tree', ...parents, tree], { input: Buffer.from(`${message}\n`) }))
  }

  function commitByGit({ parent, found, after, message }: NewCommit): GitAnswer<string> {
    return withIndex(async (index) => {
      if (parent !== null) {
        const read = await git.text(['read-tree', parent], { index })
        if (!read.ok) return read
      }
      let last = parent
      if (found.size > 0) {
        const tree = await treeWith(index, found)
        if (!tree.ok) return tree
        const made = await commitTree(tree.value, last, asFound(message))
        if (!made.ok) return made
        last = made.value
      }
      const tree = await treeWith(index, after)
      return tree.ok ? commitTree(tree.value, last, message) : tree
    })
  }

  /** As git does it: who holds the lock may change the branch, and a reader sees the old name or the new one. */
  async function moveBranch(commit: string): Promise<void> {
    const branch = branchOf(folder)
    const lock = branchLock(folder)
    const file = await open(lock, 'wx')
    try {
      try {
        await file.writeFile(`${commit}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(lock, branch)
    } catch (fault) {
      await rm(lock, { force: true })
      throw fault
    }
  }

  return {
    put: (content) =>
      orByGit(
        () => objects.write('blob', content),
        async () => line(await git.text(['hash-object', '-w', '--no-filters', '--stdin'], { input: content })),
      ),
    get: (name) => git.blob(name),
    commit: (made) =>
      orByGit(
        () => ownCommit(made),
        () => commitByGit(made),
      ),
    publish: (commit) =>
      orByGit(
        () => moveBranch(commit),
        async () => {
          const done = await git.text(['update-ref', '--end-of-options', 'refs/heads/main', commit])
          return done.ok ? ok(undefined) : done
        },
      ),
    async diff(before, after) {
      const [from, to] = await Promise.all([
        withIndex((index) => treeWith(index, before, false)),
        withIndex((index) => treeWith(index, after, false)),
      ])
      if (!from.ok) return from
      if (!to.ok) return to
      const compare = (...how: string[]): GitAnswer<string> =>
        git.text([
          'diff-tree',
          '-r',
          '--no-renames',
          '--no-ext-diff',
          '--no-textconv',
          '--no-color',
          ...how,
          from.value,
          to.value,
        ])
      const [lines, text] = await Promise.all([compare('--numstat', '-z'), compare('--patch')])
      if (!lines.ok) return lines
      if (!text.ok) return text
      return ok({ files: filesOf(lines.value, before, after), text: text.value })
    },
  }
}

function asFound(message: string): string {
  return `As found\n\nFiles as they were before: ${message}`
}

/** A moment as git writes it: seconds since 1970 and the offset of this machine. */
function gitTime(at: Date): string {
  const offset = -at.getTimezoneOffset()
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60]
  const two = (part: number) => String(part).padStart(2, '0')
  return `${Math.floor(at.getTime() / 1_000)} ${offset < 0 ? '-' : '+'}${two(hours)}${two(minutes)}`
}

function isOfDisk(fault: unknown): boolean {
  return fault instanceof Error && 'syscall' in fault
}

/** Reads `added TAB removed TAB path NUL`; both are `-` where the content is binary. */
function filesOf(numstat: string, before: FileContents, after: FileContents): FileDiff[] {
  return numstat
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [added = '-', removed = '-', ...rest] = entry.split('\t')
      const path = rest.join('\t')
      const isNew = (before.get(path) ?? null) === null
      const isGone = (after.get(path) ?? null) === null
      const count = (text: string): number | null => (text === '-' ? null : Number(text))
      return {
        path,
        change: isNew ? 'added' : isGone ? 'deleted' : 'changed',
        added: count(added),
        removed: count(removed),
      } satisfies FileDiff
    })
}

function line(answer: Awaited<GitAnswer<string>>): Awaited<GitAnswer<string>> {
  return answer.ok ? ok(answer.value.trim()) : answer
}
