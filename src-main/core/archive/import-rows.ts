import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { decodeId, encodeId, type IdKind } from '#contract/ids.ts'
import { projectResult } from '#contract/project-result.ts'
import type { Sqlite } from '../store/connection.ts'
import { ArchiveFault, type ArchiveLimits } from './archive-format.ts'
import { blobOf, parseRow, type RawRow } from './archive-row.ts'
import { ARCHIVE_TABLES, type ArchiveTable, columnsOf, type Keyed } from './archive-tables.ts'
import { linesOf } from './lines.ts'
import type { Unpacked } from './unpack-archive.ts'

const ROWS_PER_TURN = 200

/** Where the rows of a table lie in the folder of an import. */
export const fileOf = (folder: string, table: string): string => join(folder, 'rows', `${table}.jsonl`)

/** Events are written by themselves, because there may be very many (`import-events.ts`). */
export const EVENTS = tableNamed('event')

function tableNamed(name: string): ArchiveTable {
  const found = ARCHIVE_TABLES.find((table) => table.name === name)
  if (found === undefined) throw new Error(`No archive has a table ${name}`)
  return found
}

/** Looks at every row as at hostile input, before any is written. Throws an {@link ArchiveFault}. */
export async function checkRows(unpacked: Unpacked, limits: ArchiveLimits): Promise<void> {
  let all = 0
  // Each under its own key: what events name must be there, as they are written when nothing can be taken back any more.
  const named = noKeys()
  for (const archived of ARCHIVE_TABLES.filter(({ name }) => unpacked.tables.has(name))) {
    let rows = 0
    try {
      for (const line of linesOf(fileOf(unpacked.folder, archived.name), limits.row_bytes)) {
        rows += 1
        all += 1
        if (all > limits.rows)
          throw new ArchiveFault(`It has more than ${limits.rows} rows, which is the most that is taken`)
        const row = parseRow(archived, line, rows)
        checkParts(row, unpacked)
        if (archived.name === 'project' && rows > 1) throw new ArchiveFault('It holds more than one project')
        if (archived !== EVENTS) rememberOf(named, archived, row)
        else if (named.project.size > 0) remapped(archived, row, named)
        if (all % ROWS_PER_TURN === 0) await turn()
      }
    } catch (fault) {
      if (fault instanceof RangeError)
        throw new ArchiveFault(`A row of ${archived.name} is longer than ${limits.row_bytes} bytes`, { cause: fault })
      throw fault
    }
  }
  if (named.project.size === 0) throw new ArchiveFault('It holds no project')
}

/** What a row stands on must have come along. */
function checkParts(row: RawRow, unpacked: Unpacked): void {
  for (const stored of [row['input'], row['output']]) {
    const blob = blobOf(stored)
    if (blob !== null && !unpacked.blobs.has(blob)) throw new ArchiveFault('A large text that it needs is missing')
  }
  const commit = row['commit_oid']
  if (typeof commit === 'string' && !unpacked.history.has(commit)) {
    throw new ArchiveFault('A commit of its private history is missing')
  }
}

/** Row keys as they were, to those that they have here. */
export type Keys = Readonly<Record<Keyed, Map<number, number>>>

function noKeys(): Keys {
  return {
    ...{ project: new Map(), plan: new Map(), task: new Map(), run: new Map() },
    ...{ step: new Map(), checkpoint: new Map(), attachment: new Map() },
  }
}

/**
 * Writes checked rows but the events under keys of their own, inside the transaction of the caller. Answers with those keys,
 * the project's among them. Throws an {@link ArchiveFault} where rows do not fit each other; then all is to be rolled back.
 */
export function insertRows(
  sqlite: Sqlite,
  unpacked: Unpacked,
  limits: ArchiveLimits,
): { project: number; keys: Keys; newest_commit: string | null } {
  const keys = noKeys()
  const later: (() => void)[] = []
  let newest: string | null = null
  for (const archived of ARCHIVE_TABLES.filter((each) => unpacked.tables.has(each.name) && each !== EVENTS)) {
    const insert = inserter(sqlite, archived)
    for (const line of linesOf(fileOf(unpacked.folder, archived.name), limits.row_bytes)) {
      const row = JSON.parse(line) as RawRow
      const key = insert(remapped(archived, row, keys))
      const old = archived.key === null ? undefined : row[archived.key]
      if (typeof old === 'number') remember(keys, archived.name, old, key)
      for (const column of archived.later) {
        const to = row[column]
        if (typeof to === 'number')
          later.push(() => setLater(sqlite, archived, key, column, keyOf(keys, archived, column, to)))
      }
      if (typeof row['commit_oid'] === 'string') newest = row['commit_oid']
    }
  }
  for (const set of later) set()
  const [project] = keys.project.values()
  if (project === undefined) throw new ArchiveFault('It holds no project')
  remapResult(sqlite, project, keys)
  return { project, keys, newest_commit: newest }
}

/** A row under the key that it has. */
function rememberOf(keys: Keys, { name, key }: ArchiveTable, row: RawRow): void {
  const own = key === null ? undefined : row[key]
  if (typeof own === 'number') remember(keys, name, own, own)
}

function remember(keys: Keys, table: string, old: number, key: number): void {
  if (!Object.hasOwn(keys, table)) return
  const map = keys[table as Keyed]
  if (map.has(old)) throw new ArchiveFault(`Two rows of ${table} have one key`)
  map.set(old, key)
}

/** Answers with the new row's key. A row that the tables themselves refuse is the archive's fault. */
export function inserter(sqlite: Sqlite, archived: ArchiveTable): (row: RawRow) => number {
  const prepared = new Map<string, ReturnType<Sqlite['prepare']>>()
  return (row) => {
    const names = Object.keys(row)
    const shape = names.join()
    const statement =
      prepared.get(shape) ??
      sqlite.prepare(
        `INSERT INTO ${archived.name} (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      )
    prepared.set(shape, statement)
    try {
      return Number(statement.run(...Object.values(row)).lastInsertRowid)
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE_CONSTRAINT')))
        throw cause
      throw new ArchiveFault(`A row of ${archived.name} does not fit the others`, { cause })
    }
  }
}

function setLater(sqlite: Sqlite, { name }: ArchiveTable, key: number, column: string, value: number): void {
  sqlite.prepare(`UPDATE ${name} SET "${column}" = ? WHERE id = ?`).run(value, key)
}

function keyOf(keys: Keys, { name, refers }: ArchiveTable, column: string, old: number): number {
  const to = refers[column]
  const found = to === undefined ? undefined : keys[to].get(old)
  if (found === undefined) throw new ArchiveFault(`A row of ${name} names a ${to ?? column} that is missing`)
  return found
}

/** The row as it is written here: its own key left to the database, references to the new keys. */
export function remapped(archived: ArchiveTable, row: RawRow, keys: Keys): RawRow {
  const columns = columnsOf(archived)
  const out: Record<string, string | number | null> = {}
  for (const [name, value] of Object.entries(row)) {
    if (
      name === archived.key ||
      !(name in columns) ||
      archived.left_out.includes(name) ||
      archived.later.includes(name)
    )
      continue
    out[name] = typeof value === 'number' && name in archived.refers ? keyOf(keys, archived, name, value) : value
  }
  const old = archived.key === null ? undefined : row[archived.key]
  if ('source_id' in columns && typeof old === 'number') out['source_id'] = encodeId(archived.name as IdKind, old)
  if (archived.name === 'event') out['data'] = remapEventData(String(row['data']), keys)
  return out
}

const NAMED_IN_EVENTS: readonly (readonly [field: string, kind: Keyed])[] = [
  ['plan_id', 'plan'],
  ['step_id', 'step'],
  ['checkpoint_id', 'checkpoint'],
]
const SCOPED = ['project', 'task', 'run'] as const
/** Reservations stay with the machine whose money they were; no row ever has this key. */
const NO_RESERVATION = encodeId('reservation', 0)

/** Events name rows by their public ids, and scopes of the ledger by keys. */
function remapEventData(text: string, keys: Keys): string {
  const data = JSON.parse(text) as Record<string, unknown>
  for (const [field, kind] of NAMED_IN_EVENTS) {
    const id = data[field]
    if (typeof id === 'string') data[field] = publicIdOf(keys, kind, id)
  }
  if ('reservation_id' in data) data['reservation_id'] = NO_RESERVATION
  const [kind, key] = typeof data['scope'] === 'string' ? data['scope'].split(':') : []
  const scoped = SCOPED.find((each) => each === kind)
  if (scoped !== undefined) data['scope'] = `${scoped}:${keys[scoped].get(Number(key)) ?? 0}`
  return JSON.stringify(data)
}

function publicIdOf(keys: Keys, kind: Keyed, id: string): string {
  const old = decodeId(kind, id)
  const key = old === null ? undefined : keys[kind].get(old)
  if (key === undefined) throw new ArchiveFault(`An event names a ${kind} that is missing`)
  return encodeId(kind, key)
}

/** How a project ended names the tasks that were not done. */
function remapResult(sqlite: Sqlite, project: number, keys: Keys): void {
  const text = sqlite.prepare<[number], string | null>('SELECT result FROM project WHERE id = ?').pluck().get(project)
  if (typeof text !== 'string') return
  const result = projectResult.parse(JSON.parse(text))
  const not_done = result.not_done.map((task) => ({ ...task, task_id: publicIdOf(keys, 'task', task.task_id) }))
  sqlite.prepare('UPDATE project SET result = ? WHERE id = ?').run(JSON.stringify({ ...result, not_done }), project)
}
