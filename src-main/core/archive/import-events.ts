import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { toTimestamp } from '#contract/time.ts'
import { correlated, correlation } from '../correlation.ts'
import type { EventLog } from '../event/event-log.ts'
import type { ImportFailpoint } from '../failpoint.ts'
import { writeDurably } from '../store/durable-file.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { ARCHIVE_LIMITS, type ArchiveFormat } from './archive-format.ts'
import type { RawRow } from './archive-row.ts'
import { EVENTS, fileOf, inserter, type Keys, remapped } from './import-rows.ts'
import { linesOf } from './lines.ts'

/** Rows of one transaction: some ten milliseconds, in which nobody else is served. */
const ROWS_PER_SLICE = 1_000

/** What has to be known of an import to write its events, also after a restart. */
const leftSchema = z.lazy(() =>
  z.object({
    project: z.number().int(),
    /** Of each table, the keys that rows had and those that they have here. */
    keys: z.record(z.string(), z.array(z.tuple([z.number().int(), z.number().int()]))),
    imported: z.object({ source_id: z.string(), baton_version: z.string(), exported_at: z.string() }),
    actor: z.object({ id: z.string(), address: z.string().nullable() }).nullable(),
  }),
)
const leftFile = (folder: string): string => join(folder, 'events-left.json')
const placeOf = (key: string): string => `import ${key}`

/** Notes, inside the transaction that writes all other rows of an import, that its events are still to be written. */
export function leaveEvents(
  tx: Tx,
  folder: string,
  key: string,
  import_: { readonly project: number; readonly keys: Keys; readonly format: ArchiveFormat },
): void {
  const { project, keys, format } = import_
  const left: z.infer<typeof leftSchema> = {
    project,
    keys: Object.fromEntries(Object.entries(keys).map(([name, map]) => [name, [...map]])),
    imported: {
      source_id: format.project_id,
      baton_version: format.baton_version,
      exported_at: toTimestamp(format.exported_at),
    },
    actor: tx.actor,
  }
  writeDurably(leftFile(folder), JSON.stringify(left))
  tx.sqlite.prepare("INSERT INTO meta (key, value) VALUES (?, '0')").run(placeOf(key))
}

export interface EventParts {
  readonly store: Store
  readonly events: EventLog
  readonly failpoint: ImportFailpoint
}

/**
 * Writes the events of a committed import, which may be a hundred thousand, in slices between which others are served; may be
 * repeated after a crash, and goes on where it was. Where the project is gone meanwhile, nothing more is written.
 */
export async function writeEvents(
  { store, events, failpoint }: EventParts,
  folder: string,
  key: string,
): Promise<void> {
  const place = store.sqlite.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck().get(placeOf(key))
  if (place === undefined) return
  const { project, keys: pairs, imported, actor } = leftSchema.parse(JSON.parse(readFileSync(leftFile(folder), 'utf8')))
  const map = (name: string) => new Map(pairs[name])
  const keys: Keys = {
    ...{ project: map('project'), plan: map('plan'), task: map('task'), run: map('run') },
    ...{ step: map('step'), checkpoint: map('checkpoint'), attachment: map('attachment') },
  }
  const insert = inserter(store.sqlite, EVENTS)
  const isThere = store.sqlite.prepare('SELECT 1 FROM project WHERE id = ?')
  const move = store.sqlite.prepare('UPDATE meta SET value = ? WHERE key = ?')
  const forget = store.sqlite.prepare('DELETE FROM meta WHERE key = ?')
  let done = Number(place)

  /** False where nothing is left to be written. */
  async function write(rows: readonly RawRow[], isLast: boolean): Promise<boolean> {
    const isLeft = await store.tryWrite((tx) => {
      const goesOn = isThere.get(project) !== undefined
      if (goesOn) for (const row of rows) insert(row)
      if (goesOn && !isLast) move.run(String(done + rows.length), placeOf(key))
      else forget.run(placeOf(key))
      if (goesOn && isLast) events.append(tx, 'project.imported', { project_id: project }, imported)
      return goesOn && !isLast
    })
    failpoint('import-events-written')
    return isLeft
  }

  await correlated({ ...correlation(), ...(actor !== null && { actor }) }, async () => {
    let rows: RawRow[] = []
    for (const line of linesAfter(folder, done)) {
      rows.push(remapped(EVENTS, JSON.parse(line) as RawRow, keys))
      if (rows.length < ROWS_PER_SLICE) continue
      if (!(await write(rows, false))) return
      done += rows.length
      rows = []
    }
    await write(rows, true)
  })
}

function* linesAfter(folder: string, done: number): Generator<string> {
  const file = fileOf(folder, EVENTS.name)
  if (!existsSync(file)) return
  let at = 0
  for (const line of linesOf(file, ARCHIVE_LIMITS.row_bytes)) {
    at += 1
    if (at > done) yield line
  }
}
