/**
 * Chains every change of the chained tables (D5), whoever makes it: triggers note which rows a transaction touched, and
 * right before its commit one link per table is appended. Triggers see set-wise changes and cascading deletes too, and no
 * new writer can forget them. They are temporary, so they exist on this connection only and leave the file plain.
 */
import {
  CHAIN_NAMES,
  CHAINS,
  type ChainedChange,
  type ChainHead,
  type ChainName,
  columnsOf,
  digestedText,
  headReader,
  linesOf,
  linkHash,
  rowDigest,
  textDigest,
} from './chain.ts'
import type { Sqlite } from './connection.ts'

export interface ChainWriter {
  /** Appends what the open transaction touched; must be called right before its commit. */
  append(): void
  /** Forgets what was touched: the transaction was rolled back. */
  forget(): void
  /** Links appended since this was created. */
  count(): number
}

const ADOPTED_TOGETHER = 1_000

interface ChainedTable {
  appendTouched(): void
  forgetHead(): void
  forget(): void
  adopt(): void
}

export function createChainWriter(sqlite: Sqlite): ChainWriter {
  const headOf = headReader(sqlite)
  const insert = sqlite.prepare('INSERT INTO chain_link (chain, seq, lines, hash) VALUES (?, ?, ?, ?)')
  let appended = 0

  function chainTable(chain: ChainName): ChainedTable {
    const table = CHAINS[chain]
    const columns = columnsOf(sqlite, table)
    const rows = sqlite
      .prepare<[string], [id: number, text: string]>(
        `SELECT id, ${digestedText(sqlite, table)}
         FROM (SELECT value AS touched_id FROM json_each(?)) CROSS JOIN ${table} ON id = touched_id`,
      )
      .raw()
    const ids = sqlite.prepare<[], number>(`SELECT id FROM ${table} ORDER BY id`).pluck()
    /** Rows that became something in the open transaction, also those that were deleted later. */
    const changed = new Set<number>()
    /** Rows that were deleted in it, with the digest of what they were. */
    const deleted = new Map<number, string>()

    sqlite.function(`touched_${table}`, (id: unknown) => {
      changed.add(Number(id))
      return null
    })
    sqlite.function(`gone_${table}`, { varargs: true }, (id: unknown, ...values: unknown[]) => {
      deleted.set(Number(id), rowDigest(columns, values))
      return null
    })
    sqlite.exec(`
      CREATE TEMP TRIGGER chain_insert_${table} AFTER INSERT ON main.${table} BEGIN SELECT touched_${table}(NEW.id); END;
      CREATE TEMP TRIGGER chain_update_${table} AFTER UPDATE ON main.${table} BEGIN SELECT touched_${table}(NEW.id); END;
      CREATE TEMP TRIGGER chain_delete_${table} AFTER DELETE ON main.${table}
      BEGIN SELECT gone_${table}(OLD.id, ${columns.map((name) => `OLD."${name}"`).join(', ')}); END;`)

    /** The newest link; unknown after a rollback, which may have taken it away, and where another process has written. */
    let head: ChainHead | null = null

    function append(changes: readonly ChainedChange[]): void {
      if (changes.length === 0) return
      const before = head ?? headOf(chain)
      const seq = before.seq + 1
      const lines = linesOf(changes)
      head = { seq, hash: linkHash(chain, before.hash, seq, lines) }
      insert.run(chain, seq, lines, head.hash)
      appended += 1
    }

    return {
      appendTouched() {
        if (changed.size === 0 && deleted.size === 0) return
        const ids = deleted.size === 0 ? [...changed] : [...new Set([...changed, ...deleted.keys()])]
        const changes: ChainedChange[] = []
        // The row itself decides: a change that was rolled back alone has left its note behind.
        for (const [subject, text] of rows.all(JSON.stringify(ids))) {
          changes.push({ subject, gone: false, digest: textDigest(text) })
          deleted.delete(subject)
        }
        for (const [subject, digest] of deleted) {
          if (changed.has(subject)) changes.push({ subject, gone: false, digest })
          changes.push({ subject, gone: true, digest })
        }
        append(changes)
        changed.clear()
        deleted.clear()
      },
      forgetHead() {
        head = null
      },
      forget() {
        changed.clear()
        deleted.clear()
        head = null
      },
      adopt() {
        const older = ids.all()
        for (let at = 0; at < older.length; at += ADOPTED_TOGETHER) {
          const some = older.slice(at, at + ADOPTED_TOGETHER)
          append(
            rows
              .all(JSON.stringify(some))
              .map(([subject, text]) => ({ subject, gone: false, digest: textDigest(text) })),
          )
        }
      },
    }
  }

  const tables = CHAIN_NAMES.map(chainTable)
  beginOnce(sqlite, () => {
    for (const table of tables) table.adopt()
  })

  // Changes with each commit of another connection; one core has the folder, but the ledger holds among several processes, too.
  const version = sqlite.prepare<[], number>('PRAGMA data_version').pluck()
  let seen = version.get()

  return {
    append() {
      const now = version.get()
      if (now !== seen) for (const table of tables) table.forgetHead()
      seen = now
      for (const table of tables) table.appendTouched()
    },
    forget() {
      for (const table of tables) table.forget()
    },
    count: () => appended,
  }
}

/** Rows that are older than the chains get their first links, once. */
function beginOnce(sqlite: Sqlite, adopt: () => void): void {
  const begun = sqlite.prepare("SELECT 1 FROM meta WHERE key = 'chains_begun_at'").get()
  if (begun !== undefined) return
  sqlite
    .transaction(() => {
      adopt()
      sqlite.prepare("INSERT INTO meta (key, value) VALUES ('chains_begun_at', ?)").run(String(Date.now()))
    })
    .immediate()
}
