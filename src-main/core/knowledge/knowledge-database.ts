import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { getLoadablePath } from 'sqlite-vec'
import { ok, type Result } from '#contract/result.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { resourceFolder } from '../resource-folder.ts'
import type { Sqlite } from '../store/connection.ts'
import { listMigrations, migrate } from '../store/migrate.ts'
import { KNOWLEDGE_FILE } from './knowledge-parts.ts'

const BUSY_MS = 10_000

/**
 * Opens `knowledge.db` to write to it, creating it and its tables where they are missing. All of it can be read again from
 * its sources, so a power cut may take the last seconds, never a part of a document.
 */
export function openKnowledge(dataDir: string): Result<Sqlite, Refusal> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  let sqlite: Sqlite | null = null
  try {
    sqlite = new Database(join(dataDir, KNOWLEDGE_FILE), { timeout: BUSY_MS })
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = NORMAL')
    sqlite.pragma('foreign_keys = ON')
    sqlite.pragma('cache_size = -16000')
    sqlite.pragma('temp_store = MEMORY')
    const migrated = migrate(sqlite, dataDir, listMigrations(join(resourceFolder(), 'knowledge')), KNOWLEDGE_FILE)
    if (migrated.ok) return ok(sqlite)
    sqlite.close()
    return migrated
  } catch (cause) {
    sqlite?.close()
    return unusable(dataDir, cause)
  }
}

/** Opens it to search in it; it must have been opened to write before. Comes with the functions for vectors. */
export function openKnowledgeToSearch(dataDir: string): Sqlite {
  const sqlite = new Database(join(dataDir, KNOWLEDGE_FILE), { timeout: BUSY_MS, readonly: true })
  sqlite.pragma('cache_size = -32000')
  sqlite.pragma('mmap_size = 1073741824')
  sqlite.loadExtension(vectorExtension())
  return sqlite
}

/** A library cannot be loaded from within an archive, so packaging leaves it beside. */
function vectorExtension(): string {
  return getLoadablePath().replace(/\bapp\.asar([\\/])/, 'app.asar.unpacked$1')
}

function unusable(dataDir: string, cause: unknown): Result<never, Refusal> {
  const why = cause instanceof Error ? cause.message : String(cause)
  return refuse(
    'unavailable',
    `${join(dataDir, KNOWLEDGE_FILE)} cannot be opened: ${why}. Check that the disk has room and can be written to. If the file is damaged, end Baton and delete it: it is made again from the sources.`,
  )
}
