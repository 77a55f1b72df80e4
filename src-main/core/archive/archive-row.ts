import { z } from 'zod'
import { EVENT_DATA, type EventType } from '#contract/event.ts'
import { eventData } from '../event/event-text.ts'
import { parseRelativePath } from '../workspace/relative-path.ts'
import { ArchiveFault } from './archive-format.ts'
import { type ArchiveTable, columnsOf } from './archive-tables.ts'

/** A row as the database holds it. */
export type RawRow = Readonly<Record<string, string | number | null>>

const rawRow = z.lazy(() => z.record(z.string(), z.union([z.string(), z.number().int(), z.null()])))
/** 9999-12-31: later moments cannot be written as RFC 3339. */
const LAST_MOMENT = 253_402_300_799_999
const OBJECT_NAME = /^[0-9a-f]{40}$/
const SHA256 = /^[0-9a-f]{64}$/
const HIGHEST_PRIORITY = 9

/** Reads one line of `rows/<table>.jsonl` as hostile input. Throws an {@link ArchiveFault}. */
export function parseRow(archived: ArchiveTable, line: string, number: number): RawRow {
  const wrong = (why: string, cause?: unknown): ArchiveFault =>
    new ArchiveFault(`Row ${number} of ${archived.name} cannot be taken: ${why}`, { cause })
  let row: RawRow
  try {
    row = rawRow.parse(JSON.parse(line))
  } catch (cause) {
    throw wrong('it is not a row', cause)
  }
  const columns = columnsOf(archived)
  for (const name of Object.keys(row)) {
    if (!(name in columns))
      throw wrong(`a column "${name.slice(0, 60)}" is not known here; a newer Baton may have made it`)
  }
  for (const [name, column] of Object.entries(columns)) {
    const value = row[name]
    if (value === undefined || value === null) {
      // An older Baton had fewer columns; what they begin with is known.
      const isKey = name === archived.key
      if (isKey || (column.notNull && !(value === undefined && column.hasDefault))) throw wrong(`${name} is missing`)
      continue
    }
    if (archived.left_out.includes(name)) continue
    const fault =
      typeof value === 'number' ? numberFault(name, value, column.getSQLType()) : textFault(column.getSQLType())
    if (fault !== null) throw wrong(`${name} ${fault}`)
    try {
      // Parses words and JSON by the same schemas as every read does.
      column.mapFromDriverValue(value)
    } catch (cause) {
      throw wrong(`${name} is not what it may be`, cause)
    }
  }
  const fault = MEANING[archived.name]?.(row) ?? null
  if (fault !== null) throw wrong(fault)
  return row
}

function numberFault(name: string, value: number, type: string): string | null {
  if (type !== 'integer') return 'must be a text'
  if (!Number.isSafeInteger(value) || value < 0) return 'must be a number from 0'
  if (/(_at|^ts)$/.test(name) && value > LAST_MOMENT) return 'is no moment'
  if (name === 'last_event_us' && value > LAST_MOMENT * 1_000) return 'is no moment'
  if (name === 'priority' && value > HIGHEST_PRIORITY) return `must be at most ${HIGHEST_PRIORITY}`
  if (
    ['workspace_owned', 'local_only', 'can_wait', 'at_once', 'held', 'reused', 'unconfirmed'].includes(name) &&
    value > 1
  )
    return 'must be 0 or 1'
  return null
}

function textFault(type: string): string | null {
  return type === 'text' ? null : 'must be a number'
}

function pathFault(path: unknown): string | null {
  const parsed = parseRelativePath(String(path))
  return parsed.ok && parsed.value.length > 0 ? null : 'its path leads out of the workspace'
}

function nameFault(name: string, value: unknown): string | null {
  return value === null || value === undefined || OBJECT_NAME.test(String(value))
    ? null
    : `${name} names nothing in a history`
}

const isEventType = (type: unknown): type is EventType => typeof type === 'string' && Object.hasOwn(EVENT_DATA, type)

/** What a row must be beyond its columns: whatever is later used as a path, an argument of git or the name of a file. */
const MEANING: Readonly<Record<string, (row: RawRow) => string | null>> = {
  attachment: (row) => pathFault(row['path']) ?? (SHA256.test(String(row['sha256'])) ? null : 'sha256 is no hash'),
  checkpoint: (row) => nameFault('commit_oid', row['commit_oid']),
  file_change: (row) =>
    pathFault(row['path']) ?? nameFault('before', row['before']) ?? nameFault('after', row['after']),
  step: (row) => blobFault(row['input']) ?? blobFault(row['output']),
  event(row) {
    const type = row['type']
    if (!isEventType(type)) return 'its type is not known here; a newer Baton may have made it'
    const parsed = EVENT_DATA[type].safeParse(eventDataOrNothing(type, row['data']))
    if (!parsed.success) return `its data is not that of ${type}`
    const us = 'timestamp_us' in parsed.data ? parsed.data.timestamp_us : 0
    return us >= 0 && us <= LAST_MOMENT * 1_000 ? null : 'its moment is none'
  },
}

function eventDataOrNothing(type: EventType, text: unknown): unknown {
  try {
    return eventData(type, String(text))
  } catch {
    return undefined
  }
}

function blobFault(stored: unknown): string | null {
  const blob = blobOf(stored)
  return blob === null || SHA256.test(blob) ? null : 'it names a large text in a way that none is named'
}

function parsedJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

const blobReference = z.looseObject({ $blob: z.string() })

/** The name of the large text that a stored input or output stands for; null where the value is stored itself. */
export function blobOf(stored: unknown): string | null {
  if (typeof stored !== 'string' || !stored.includes('"$blob"')) return null
  const parsed = blobReference.safeParse(parsedJson(stored))
  return parsed.success ? parsed.data.$blob : null
}
