import type { Log } from '../core.ts'
import { type ChangeKeeper, contentNow } from './checkpoint-workspace.ts'
import type { Workspace } from './workspace.ts'

/** Folders of caches and of other people's code: a command makes thousands of files there, and can make them again. */
const PASSED_OVER: ReadonlySet<string> = new Set([
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  '.pytest_cache',
  '.mypy_cache',
  '.cache',
])
/** Beyond these, a workspace's content is not held for comparison, and what a command changes is not kept for undo. */
const MAX_FILES = 10_000
const MAX_BYTES = 134_217_728

/**
 * Carries out something that changes files past the workspace, and finds what it changed by the contents before and after.
 * `keeper` keeps the changes for undo (E10); without one they are only found. A workspace that is too large to be held is
 * not compared: then there are none.
 */
export async function recordChanges<T>(
  workspace: Workspace,
  keeper: ChangeKeeper | null,
  log: Log,
  act: () => Promise<T>,
): Promise<{ value: T; files_changed: string[] }> {
  const before = await contents(workspace)
  const value = await act()
  if (before === null) {
    log.warn('A workspace is too large to find what a command changed in it', { workspace: workspace.root })
    return { value, files_changed: [] }
  }
  const after = await contents(workspace)
  const files_changed: string[] = []
  for (const path of [...new Set([...before.keys(), ...(after?.keys() ?? [])])].sort()) {
    const was = before.get(path) ?? null
    const now = after === null ? await contentOf(workspace, path) : (after.get(path) ?? null)
    if (isSame(was, now)) continue
    files_changed.push(path)
    const kept = await keeper?.begin(path, was, now)
    if (kept?.ok === false) log.warn('A change by a command could not be kept for undo', { path, fault: kept.error })
    if (kept?.ok === true) await keeper?.done(kept.value)
  }
  return { value, files_changed }
}

/** Every file that is not passed over; null where they are too many or too large together. */
async function contents(workspace: Workspace): Promise<Map<string, Uint8Array> | null> {
  const listed = await workspace.list('', 10 * MAX_FILES)
  if (!listed.ok || listed.value.truncated) return null
  const files = listed.value.files.filter(({ path }) => !path.split('/').some((name) => PASSED_OVER.has(name)))
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  if (files.length > MAX_FILES || bytes > MAX_BYTES) return null
  const found = new Map<string, Uint8Array>()
  for (const { path } of files) {
    const content = await contentOf(workspace, path)
    if (content !== null) found.set(path, content)
  }
  return found
}

async function contentOf(workspace: Workspace, path: string): Promise<Uint8Array | null> {
  const now = await contentNow(workspace, path)
  return now.ok ? now.value : null
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0
}
