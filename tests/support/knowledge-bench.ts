import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type KnowledgeSource, newSource, type SearchResult, searchQuery } from '../../src-contract/knowledge.ts'
import type { Core } from '../../src-main/core/core.ts'
import { cleanup } from './cleanup.ts'
import { must } from './core-bench.ts'
import { eventually } from './eventually.ts'

/** A folder with these files, gone after the test. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'baton-knowledge-'))
  cleanup(async () => rmSync(folder, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

/** Adds a path and waits until it is read, however that ended. */
export async function addPath(
  core: Core,
  source: Partial<KnowledgeSource> & { path: string },
): Promise<KnowledgeSource> {
  const { path, project_id = null, watched = false } = source
  const { id } = must(await core.knowledge.add(newSource.parse({ path, project_id, watched })))
  return untilRead(core, id)
}

export function untilRead(core: Core, id: string): Promise<KnowledgeSource> {
  return eventually(`${id} to be read`, async () => {
    const now = must(await core.knowledge.get(id))
    return (now.state === 'ready' || now.state === 'failed') && now
  })
}

/** Waits until vectors of all of it are there. */
export function untilEmbedded(core: Core): Promise<unknown> {
  return eventually('all vectors', async () => {
    const { embedding, chunks, embedded, next_model } = must(await core.knowledge.status())
    return embedding === 'ready' && chunks === embedded && next_model === null
  })
}

export async function find(core: Core, query: string, more: object = {}): Promise<SearchResult> {
  return must(await core.knowledge.search(searchQuery.parse({ query, ...more })))
}
