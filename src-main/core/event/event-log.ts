import { EVENT_DATA, type EventData, type EventType, type StoredEvent, storedEvent } from '#contract/event.ts'
import { decodeId, encodeId } from '#contract/ids.ts'
import type { TransientEvent } from '#contract/stream-item.ts'
import { toTimestamp } from '#contract/time.ts'
import { insertAlike } from '../store/insert-many.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { type AuditLog, auditNoteOf, createAuditLog } from './audit-log.ts'
import { eventData, eventText } from './event-text.ts'

/** What an event is about, as row keys. */
export interface EventSubject {
  readonly project_id?: number | null
  readonly task_id?: number | null
  readonly run_id?: number | null
}

export interface EventQuery {
  /** Sequence number to start behind. */
  readonly after: number
  readonly project_id?: number | undefined
  readonly type?: string | undefined
  readonly limit: number
}

/** A page of events. */
export interface EventPage {
  readonly items: readonly StoredEvent[]
  /** Sequence number up to which was looked: the next page begins behind it. */
  readonly seen: number
  /** Whether nothing that was asked for comes behind it. */
  readonly isAll: boolean
}

export interface EventLog {
  /** Appends inside the change that the event tells of, so that both commit or neither. Announced after the commit. */
  append<T extends EventType>(tx: Tx, type: T, subject: EventSubject, data: EventData<T>): void
  /** The next events; fewer than were asked for, or none, where a rare type is sought in a long log: that goes on from page to page. */
  page(query: EventQuery): EventPage
  /** The events of one page. */
  list(query: EventQuery): readonly StoredEvent[]
  /** Phase boundaries of a run, in order; all, or those behind a sequence number. */
  ofRun(runId: number, after?: number): Extract<StoredEvent, { type: 'run.phase' }>[]
  /** What happened to a job, oldest first, behind a sequence number. */
  ofJob(id: string, after: number, limit: number): JobEvent[]
  /** The moments at which a run began to wait, in order. */
  waitsOfRun(runId: number): Extract<StoredEvent, { type: 'run.state' }>[]
  lastSeq(): number
  /** `<epoch>-<seq>` of a sequence number. */
  id(seq: number): string
  /** The sequence number of an id; null where it belongs to another history, is ahead of this one, or is none. */
  seqOf(id: string): number | null
  /** Pushes a piece of output to who listens now; nothing is stored. */
  announce(delta: TransientEvent): void
  /** Pushes a sign of life to who listens now: something has changed of which no event can be kept. */
  beat(): void
  onBeat(listener: () => void): () => void
  /**
   * Tells each event after its commit; answers with what ends that. `wants` is asked once for all events of a type in a
   * change, before one is put together, so that what hears of a few types only costs nothing with all others.
   */
  onEvent(listener: (event: StoredEvent) => void, wants?: (type: EventType) => boolean): () => void
  onDelta(listener: (delta: TransientEvent) => void): () => void
}

interface Row {
  seq: number
  ts: number
  type: string
  project_id: number | null
  task_id: number | null
  run_id: number | null
  data: string
}

type JobEvent = Extract<StoredEvent, { type: `job.${string}` }>
type Appended = Omit<Row, 'seq' | 'type' | 'data'> & { readonly type: EventType; readonly data: object }

interface Listener {
  readonly tell: (event: StoredEvent) => void
  readonly wants: (type: EventType) => boolean
}

/** Rows that are looked at for one page: five milliseconds. An index over types would take 19 bytes more for each event. */
const LOOK = 50_000

const COLUMNS = 'seq, ts, type, project_id, task_id, run_id, data'

/** `audit`: the trail into which decisions of persons go as well (S7). */
export function createEventLog(store: Store, audit: AuditLog = createAuditLog(store)): EventLog {
  const { sqlite, epoch } = store
  const insert = insertAlike(sqlite, 'event', ['ts', 'type', 'data'], ['project_id', 'run_id', 'task_id'])
  const all = sqlite.prepare<[number, number], Row>(`SELECT ${COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT ?`)
  const ofProject = sqlite.prepare<[number, number, number], Row>(
    `SELECT ${COLUMNS} FROM event WHERE project_id = +? AND seq > +? ORDER BY seq LIMIT ?`,
  )
  const ofType = sqlite.prepare<[number, number, string, number], Row>(
    `SELECT ${COLUMNS} FROM event WHERE seq > ? AND seq <= ? AND type = ? ORDER BY seq LIMIT ?`,
  )
  const ofProjectAndType = sqlite.prepare<[number, number, string, number], Row>(
    `SELECT ${COLUMNS} FROM event WHERE project_id = +? AND seq > +? AND type = +? ORDER BY seq LIMIT ?`,
  )
  const phases = sqlite.prepare<[number, number], Row>(
    `SELECT ${COLUMNS} FROM event WHERE run_id = +? AND seq > +? AND type = 'run.phase' ORDER BY seq`,
  )
  const waits = sqlite.prepare<[number], Row>(
    `SELECT ${COLUMNS} FROM event WHERE run_id = ? AND type = 'run.state' AND data ->> 'state' = 'waiting' ORDER BY seq`,
  )
  // In the words of its index.
  const ofJob = sqlite.prepare<[string, number, number], Row>(
    `SELECT ${COLUMNS} FROM event WHERE data ->> 'job_id' = ? AND type >= 'job.' AND type < 'job/' AND seq > ?
     ORDER BY seq LIMIT ?`,
  )
  const last = sqlite.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'event'").pluck()
  const eventListeners = new Set<Listener>()
  const deltaListeners = new Set<(delta: TransientEvent) => void>()
  const beatListeners = new Set<() => void>()

  /** What the open change has appended. */
  let appended: Appended[] = []
  /** When it appended the first: what commits together happened at once. */
  let at = 0
  let moment = { ts: Number.NaN, text: '' }

  function writeAppended(tx: Tx): void {
    const rows = appended
    appended = []
    // A change of many tasks says the same of each.
    const texts = new Map<object, string>()
    const textOf = ({ type, data }: Appended): string => {
      const text = texts.get(data) ?? eventText(type, data)
      texts.set(data, text)
      return text
    }
    const last = insert(rows.map((row) => [row.ts, row.type, textOf(row), row.project_id, row.run_id, row.task_id]))
    tx.afterCommit(() => {
      if (eventListeners.size === 0) return
      const hearing = new Map<EventType, readonly Listener[]>()
      // Numbers are given in order and by nobody else meanwhile.
      let seq = last - rows.length
      for (const row of rows) {
        seq += 1
        let listeners = hearing.get(row.type)
        if (listeners === undefined) {
          listeners = [...eventListeners].filter(({ wants }) => wants(row.type))
          hearing.set(row.type, listeners)
        }
        if (listeners.length === 0) continue
        const event = build(seq, row, row.data) as StoredEvent
        for (const listener of listeners) if (eventListeners.has(listener)) listener.tell(event)
      }
    })
  }

  /** Neighbours have one moment, which is text once: its making costs more than the rest of an event. */
  function momentOf(ts: number): string {
    if (moment.ts !== ts) moment = { ts, text: toTimestamp(ts) }
    return moment.text
  }

  function build(seq: number, row: Omit<Row, 'seq' | 'data'>, data: unknown): unknown {
    return {
      v: 1,
      id: `${epoch}-${seq}`,
      seq,
      ts: momentOf(row.ts),
      type: row.type,
      project_id: row.project_id === null ? null : encodeId('project', row.project_id),
      task_id: row.task_id === null ? null : encodeId('task', row.task_id),
      run_id: row.run_id === null ? null : encodeId('run', row.run_id),
      data,
    }
  }

  const read = (row: Row): StoredEvent => storedEvent.parse(build(row.seq, row, eventData(row.type, row.data)))

  function rowsOf({ after, project_id, type, limit }: EventQuery, to: number): Row[] {
    if (project_id === undefined) return type === undefined ? all.all(after, limit) : ofType.all(after, to, type, limit)
    return type === undefined
      ? ofProject.all(project_id, after, limit)
      : ofProjectAndType.all(project_id, after, type, limit)
  }

  function page(query: EventQuery): EventPage {
    const { after, project_id, type, limit } = query
    const end = last.get() ?? 0
    if (type !== undefined && !(type in EVENT_DATA)) return { items: [], seen: Math.max(after, end), isAll: true }
    // A project's own events are found by an index.
    const to = type === undefined || project_id !== undefined ? end : Math.min(after + LOOK, end)
    const items = rowsOf(query, to).map(read)
    const isFull = items.length >= limit
    return { items, seen: isFull ? (items.at(-1)?.seq ?? after) : Math.max(after, to), isAll: !isFull && to === end }
  }

  return {
    append(tx, type, subject, data) {
      if (appended.length === 0) {
        at = Date.now()
        tx.atEnd(
          () => writeAppended(tx),
          () => {
            appended = []
          },
        )
      }
      appended.push({
        ts: at,
        type,
        project_id: subject.project_id ?? null,
        task_id: subject.task_id ?? null,
        run_id: subject.run_id ?? null,
        data,
      })
      const note = auditNoteOf(type, data)
      if (note !== null) audit.append(tx, note)
    },
    page,
    list: (query) => page(query).items,
    ofRun: (runId, after = 0) =>
      phases.all(runId, after).map((row) => read(row) as Extract<StoredEvent, { type: 'run.phase' }>),
    waitsOfRun: (runId) => waits.all(runId).map((row) => read(row) as Extract<StoredEvent, { type: 'run.state' }>),
    ofJob: (id, after, limit) => ofJob.all(id, after, limit).map((row) => read(row) as JobEvent),
    lastSeq: () => last.get() ?? 0,
    id: (seq) => `${epoch}-${seq}`,
    seqOf(id) {
      const match = /^([0-9a-f]{8})-(\d{1,15})$/.exec(id)
      if (match === null || match[1] !== epoch) return null
      const seq = Number(match[2])
      return seq > (last.get() ?? 0) ? null : seq
    },
    announce(delta) {
      for (const listener of deltaListeners) listener(delta)
    },
    beat() {
      for (const listener of beatListeners) listener()
    },
    onBeat(listener) {
      beatListeners.add(listener)
      return () => beatListeners.delete(listener)
    },
    onEvent(tell, wants = () => true) {
      const listener = { tell, wants }
      eventListeners.add(listener)
      return () => eventListeners.delete(listener)
    },
    onDelta(listener) {
      deltaListeners.add(listener)
      return () => deltaListeners.delete(listener)
    },
  }
}

/** Row key of a public id of events' subjects, or undefined where none was asked for. */
export function subjectKey(kind: 'project' | 'task' | 'run', id: string | undefined): number | undefined {
  return id === undefined ? undefined : (decodeId(kind, id) ?? -1)
}

/** The public id whose owner an event belongs to: that of its project or its job; null where it is nobody's. */
export function ownedBy(event: Pick<StoredEvent, 'project_id' | 'data'>): string | null {
  return event.project_id ?? ('job_id' in event.data ? event.data.job_id : null)
}
