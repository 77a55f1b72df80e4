import { lstat, mkdir, realpath, unlink } from 'node:fs/promises'
import { ok, type Result } from '#contract/result.ts'
import type { Failpoint } from '../failpoint.ts'
import { checkedFolders } from './checked-folders.ts'
import { hashFileIn, readFileIn, replaceFileIn, streamFileIn } from './contained-file.ts'
import { descriptorFolders } from './descriptor-folders.ts'
import type { FileRules } from './file-rules.ts'
import { type Folder, type FolderAccess, type FolderIdentity, fileFault } from './folder.ts'
import { createForbiddenNames, type ForbiddenNames } from './forbidden-names.ts'
import { attempt, errorCode, type Refusable, refuse } from './refusal.ts'
import { parseRelativePath } from './relative-path.ts'
import { isAbandoned, isTemporary } from './temporary-name.ts'
import { walk } from './walk.ts'
import type { FileRefusal, TakeFile, Workspace, WorkspaceFile } from './workspace.ts'

const DEFAULT_LIST_LIMIT = 10_000

/** The safest way through folders that a system offers. */
export function folderAccessOf(platform: NodeJS.Platform): FolderAccess {
  return platform === 'linux' ? descriptorFolders : checkedFolders
}

/**
 * Opens an existing folder as a workspace and removes what writes of dead processes left in it, which means to look at
 * everything in it: whoever opens it often says by `isTidyTime` when that is due. The folder's own path may lead through
 * links; it is resolved once, here. Holds no descriptor between calls.
 */
export async function openLocalWorkspace(
  root: string,
  rules: FileRules,
  access: FolderAccess = folderAccessOf(process.platform),
  failpoint: Failpoint = () => undefined,
  isTidyTime: (root: string) => boolean = () => true,
): Promise<Result<Workspace, FileRefusal>> {
  return openFolder(root, rules, access, failpoint, isTidyTime)
}

/** Opens somebody's folder to read in it, under the same rules. Nothing in it is changed by that, and it is not walked. */
export function openFolderToRead(root: string, rules: FileRules): Promise<Result<FilesToRead, FileRefusal>> {
  return openFolder(
    root,
    rules,
    folderAccessOf(process.platform),
    () => undefined,
    () => false,
  )
}

/** What may be done in a folder that is not Baton's. */
export type FilesToRead = Pick<Workspace, 'root' | 'read' | 'stream' | 'list'>

async function openFolder(
  root: string,
  rules: FileRules,
  access: FolderAccess,
  failpoint: Failpoint,
  isTidyTime: (root: string) => boolean,
): Promise<Result<Workspace, FileRefusal>> {
  const resolved = await attempt(root, () => realpath(root))
  if (!resolved.ok) return resolved
  const opened = await access.openRoot(resolved.value)
  if (!opened.ok) return opened
  const { folder, identity } = opened.value
  const forbidden = createForbiddenNames(rules.forbidden)
  try {
    const reachable = await attempt(root, () => lstat(`${folder.at}/.`))
    if (!reachable.ok) {
      const message = `The workspace ${root} cannot be reached through ${folder.at}. On Linux, /proc must be mounted and the folder must be accessible.`
      return refuse('io', message)
    }
    if (isTidyTime(resolved.value)) await removeAbandoned(access, forbidden, folder)
  } finally {
    await folder.close()
  }
  return ok(new LocalWorkspace(resolved.value, identity, rules, forbidden, access, failpoint))
}

class LocalWorkspace implements Workspace {
  readonly root: string
  readonly #identity: FolderIdentity
  readonly #rules: FileRules
  readonly #forbidden: ForbiddenNames
  readonly #access: FolderAccess
  readonly #failpoint: Failpoint

  constructor(
    root: string,
    identity: FolderIdentity,
    rules: FileRules,
    forbidden: ForbiddenNames,
    access: FolderAccess,
    failpoint: Failpoint,
  ) {
    this.root = root
    this.#identity = identity
    this.#rules = rules
    this.#forbidden = forbidden
    this.#access = access
    this.#failpoint = failpoint
  }

  async read(path: string, limit: number = this.#rules.max_read_bytes): Promise<Refusable<Uint8Array>> {
    return this.#withParent(path, false, (folder, name, shown) => readFileIn(folder, name, shown, limit))
  }

  async write(path: string, content: Uint8Array): Promise<Refusable<void>> {
    const limit = this.#rules.max_write_bytes
    if (content.byteLength > limit) {
      return refuse(
        'too_large',
        `The content has ${content.byteLength} bytes; at most ${limit} may be written. Split it into several files.`,
      )
    }
    return this.#withParent(path, true, (folder, name, shown) =>
      replaceFileIn(folder, name, shown, content, this.#failpoint),
    )
  }

  async stream(path: string, take: TakeFile): Promise<Refusable<void>> {
    return this.#withParent(path, false, (folder, name, shown) => streamFileIn(folder, name, shown, take))
  }

  async hash(path: string): Promise<Refusable<string | null>> {
    const hashed = await this.#withParent(path, false, hashFileIn)
    return !hashed.ok && hashed.error.kind === 'not_found' ? ok(null) : hashed
  }

  async list(
    path = '',
    limit = DEFAULT_LIST_LIMIT,
  ): Promise<Refusable<{ files: readonly WorkspaceFile[]; truncated: boolean }>> {
    const components = this.#componentsOf(path)
    if (!components.ok) return components
    return this.#withFolder(components.value, false, async (folder) => {
      const files: WorkspaceFile[] = []
      let truncated = false
      for await (const entry of walk(this.#access, this.#forbidden, folder, components.value)) {
        if (entry.kind === 'left_out') truncated = true
        if (entry.kind !== 'file') continue
        // Gone since its folder was read, or not to be read anyway: then it is not in the list.
        if (entry.stats === null || fileFault(entry.stats, entry.path) !== null) continue
        if (files.length >= limit) return ok({ files, truncated: true })
        files.push({ path: entry.path, bytes: entry.stats.size, modified_ms: Math.floor(entry.stats.mtimeMs) })
      }
      return ok({ files, truncated })
    })
  }

  #componentsOf(path: string): Refusable<string[]> {
    const components = parseRelativePath(path)
    if (!components.ok) return components
    for (const name of components.value) {
      const pattern = isTemporary(name) ? '.baton-tmp-*' : this.#forbidden(name)
      if (pattern !== null) {
        return refuse(
          'forbidden',
          `"${path}" is refused because the name "${name}" is forbidden here (${pattern}). Use another name, or ask the user.`,
        )
      }
    }
    return components
  }

  /** Opens the folder of a file, runs `use` in it, and closes it. With `create`, missing folders are made. */
  async #withParent<T>(
    path: string,
    create: boolean,
    use: (folder: Folder, name: string, path: string) => Promise<Refusable<T>>,
  ): Promise<Refusable<T>> {
    const components = this.#componentsOf(path)
    if (!components.ok) return components
    const name = components.value.at(-1)
    if (name === undefined) return refuse('not_a_file', 'The path names the workspace itself. Name a file in it.')
    const shown = components.value.join('/')
    return this.#withFolder(components.value.slice(0, -1), create, (folder) => use(folder, name, shown))
  }

  async #withFolder<T>(
    components: readonly string[],
    create: boolean,
    use: (folder: Folder) => Promise<Refusable<T>>,
  ): Promise<Refusable<T>> {
    const opened = await this.#access.openRoot(this.root, this.#identity)
    if (!opened.ok) return opened
    let folder = opened.value.folder
    try {
      for (const [index, name] of components.entries()) {
        const path = components.slice(0, index + 1).join('/')
        const entered = await this.#enter(folder, name, path, create)
        if (!entered.ok) return entered
        await folder.close()
        folder = entered.value
      }
      return await use(folder)
    } finally {
      await folder.close()
    }
  }

  async #enter(parent: Folder, name: string, path: string, create: boolean): Promise<Refusable<Folder>> {
    const entered = await this.#access.enter(parent, name, path)
    if (entered.ok || !create || entered.error.kind !== 'not_found') return entered
    const made = await attempt(path, async () => {
      await mkdir(`${parent.at}/${name}`).catch((error: unknown) => {
        // Another writer was faster.
        if (errorCode(error) !== 'EEXIST') throw error
      })
      await parent.sync()
    })
    return made.ok ? this.#access.enter(parent, name, path) : made
  }
}

/** What cannot be removed stays hidden, so a workspace that can only be read opens all the same. */
async function removeAbandoned(access: FolderAccess, forbidden: ForbiddenNames, root: Folder): Promise<void> {
  for await (const entry of walk(access, forbidden, root, [])) {
    if (entry.kind !== 'temporary' || entry.stats === null) continue
    if (!isAbandoned(entry.name, Date.now() - entry.stats.mtimeMs)) continue
    await attempt(entry.path, () => unlink(`${entry.folder.at}/${entry.name}`))
  }
}
