import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { createBlobStore } from '../../src-main/core/store/blob-store.ts'
import { readHeads } from '../../src-main/core/store/chain-heads.ts'
import { verifyChains } from '../../src-main/core/store/chain-verify.ts'
import type { Double } from '../doubles/double-server.ts'
import { filesBelow } from '../support/markdown-folder.ts'
import type { Findings } from './findings.ts'
import { inspectBlobs, inspectHistories, inspectLocks, inspectProcesses, marksOf } from './inspect-folder.ts'
import { inspectLedger } from './inspect-ledger.ts'
import { askedOf, billedBy, journaledQuestion } from './questions.ts'
import { isSteered, STEERED_FILES, STEERED_JOBS } from './steered.ts'
import { MIXED_FILES, PLANNED_FILES, SHARED_FILE, SHARED_LINES, TASKS } from './workload.ts'

interface ModelStep {
  readonly id: number
  readonly run_id: number
  readonly key: string
  readonly state: string
  readonly input: string
  readonly reservation_id: number | null
  /** What its reservation covers: the full amount while it is open, what was booked afterwards; null where free. */
  readonly covered_micros: number | null
}

interface WriteStep {
  readonly id: number
  readonly files_changed: string
  readonly workspace: string
}

interface Phase {
  readonly run_id: number
  readonly data: string
}

/**
 * Looks at the data folder of a dead core, and holds it against what the doubles saw and against what it was at earlier
 * deaths. Reads only, so that the next core finds everything as the last one left it.
 */
export class Inspector {
  readonly #data_dir: string
  readonly #doubles: readonly Double[]
  readonly #findings: Findings
  /** Questions whose answer is journaled: how often they had been asked when that was first seen. */
  readonly #answered = new Map<string, number>()
  /** Files by path: the journaled write that made them, and the very file that it left. */
  readonly #written = new Map<string, { step: number; file: string }>()
  /** Marks of all children that were on record at a death. */
  readonly #marks = new Set<string>()
  #told = 0
  #toldDigest = ''

  constructor(data_dir: string, doubles: readonly Double[], findings: Findings) {
    this.#data_dir = data_dir
    this.#doubles = doubles
    this.#findings = findings
  }

  /** After any death. `lastSeq`: the last event that the core told of. */
  afterDeath(lastSeq: number): void {
    const file = join(this.#data_dir, 'baton.db')
    // A core that died before its first commit left nothing, and told of nothing.
    if (!existsSync(file)) {
      this.#findings.hold('broken event log', lastSeq === 0, () => `event ${lastSeq} was told of, but nothing is kept`)
      return
    }
    const db = new Database(file, { readonly: true })
    try {
      const fault = db.pragma('quick_check', { simple: true })
      this.#findings.hold('broken database', fault === 'ok', () => String(fault))
      const isMade = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'event'").get() !== undefined
      if (!isMade) return
      const broken = db.pragma('foreign_key_check') as unknown[]
      this.#findings.hold('broken database', broken.length === 0, () => `${broken.length} rows refer to nothing`)
      this.#chains(db)
      this.#events(db, lastSeq)
      this.#phases(db)
      this.#money(db)
      this.#calls(db)
      this.#writes(db)
      inspectLocks(db, this.#findings)
      for (const mark of marksOf(db)) this.#marks.add(mark)
    } finally {
      db.close()
    }
  }

  /** When all work was done and the core ended in order. */
  afterDrain(lastSeq: number): void {
    this.afterDeath(lastSeq)
    const db = new Database(join(this.#data_dir, 'baton.db'), { readonly: true })
    try {
      const one = (sql: string): number => db.prepare<[], number>(sql).pluck().get() ?? 0
      const rows = (sql: string): unknown[] => db.prepare(sql).all()
      const none = (invariant: Parameters<Findings['hold']>[0], what: string, sql: string): void => {
        const n = one(sql)
        this.#findings.hold(invariant, n === 0, () => `${n} ${what}`)
      }
      none('lost tasks', 'projects not done', "SELECT count(*) FROM project WHERE state != 'succeeded'")
      // A person lets tasks of the steered project be done again.
      const tasksLeft = rows(
        `SELECT t.* FROM task t JOIN project p ON p.id = t.project_id
         WHERE t.state != 'succeeded' OR (t.attempts != 1 AND p.name != 'steered')`,
      )
      this.#findings.hold('lost tasks', tasksLeft.length === 0, () => `tasks not done: ${JSON.stringify(tasksLeft)}`)
      const tasks = one('SELECT count(*) FROM task')
      const steered = one("SELECT count(*) FROM project WHERE name = 'steered'")
      const wanted = TASKS + steered * STEERED_JOBS.length
      this.#findings.hold('lost tasks', tasks === wanted, () => `${tasks} tasks instead of ${wanted}`)
      // A closing summary is not worth waiting for, so it may fail.
      const isDone = "state = 'succeeded' OR (kind = 'summary' AND state = 'failed')"
      const runsLeft = rows(
        `SELECT r.* FROM run r JOIN project p ON p.id = r.project_id
         WHERE NOT (${isDone.replaceAll('state', 'r.state').replaceAll('kind', 'r.kind')})
           AND NOT (p.name = 'steered' AND r.state IN ('failed', 'cancelled'))`,
      )
      this.#findings.hold('lost tasks', runsLeft.length === 0, () => `runs not done: ${JSON.stringify(runsLeft)}`)
      none('repeated steps', 'steps still open', "SELECT count(*) FROM step WHERE state = 'sent'")
      // Nobody else touches these files, so what became of a write can always be told.
      const refused = rows(
        `SELECT s.* FROM step s JOIN run r ON r.id = s.run_id JOIN project p ON p.id = r.project_id
         WHERE s.kind = 'tool' AND s.state = 'done' AND s.error IS NOT NULL AND p.name != 'steered'`,
      )
      this.#findings.hold('repeated effects', refused.length === 0, () => `writes refused: ${JSON.stringify(refused)}`)
      none('unaccounted money', 'micros reserved', 'SELECT coalesce(sum(reserved_micros), 0) FROM budget_account')
      none(
        'unaccounted money',
        'reservations open',
        "SELECT count(*) FROM reservation WHERE state NOT IN ('settled', 'unconfirmed', 'released')",
      )
      none(
        'unaccounted money',
        'reservations without their one line in the usage log',
        `SELECT count(*) FROM reservation v WHERE 1 != (SELECT count(*) FROM usage_log u WHERE u.reservation_id = v.id
           AND u.cost_micros = v.settled_micros AND u.unconfirmed = (v.state = 'unconfirmed'))`,
      )
      none(
        'unaccounted money',
        'micros between the usage log and the ledger',
        `SELECT (SELECT coalesce(sum(cost_micros), 0) FROM usage_log)
           - coalesce((SELECT settled_micros FROM budget_account WHERE scope = 'global'), 0)`,
      )
      const certain = one("SELECT coalesce(sum(settled_micros), 0) FROM reservation WHERE state = 'settled'")
      const billed = billedBy(this.#doubles)
      this.#findings.hold(
        'unaccounted money',
        certain <= billed,
        () => `${certain} booked as certain, ${billed} billed`,
      )
      none('left-over files', 'locks still held', 'SELECT count(*) FROM lease')
      none('left-over processes', 'children still on record', 'SELECT count(*) FROM child_process')
      inspectProcesses(this.#marks, this.#findings)
      inspectHistories(db, this.#data_dir, this.#findings)
      inspectBlobs(this.#data_dir, this.#findings)
      this.#files(db, steered > 0)
    } finally {
      db.close()
    }
  }

  #chains(db: Database.Database): void {
    const hold = (holds: boolean, otherwise: () => string): void =>
      this.#findings.hold('broken chains', holds, otherwise)
    const heads = readHeads(this.#data_dir)
    hold(heads.ok, () => String(heads.ok || heads.error))
    // Begun by the first start right after the tables are made, so a death may come before.
    const isBegun = db.prepare("SELECT 1 FROM meta WHERE key = 'chains_begun_at'").get() !== undefined
    if (!heads.ok || !isBegun) return
    const { findings } = verifyChains(db, heads.value)
    hold(findings.length === 0, () => findings.join(' '))
  }

  #events(db: Database.Database, lastSeq: number): void {
    const rows = db.prepare<[], { seq: number; type: string; data: string }>('SELECT * FROM event ORDER BY seq').all()
    const last = rows.at(-1)?.seq ?? 0
    const hold = (holds: boolean, otherwise: () => string): void =>
      this.#findings.hold('broken event log', holds, otherwise)
    hold(last === rows.length, () => `${rows.length} events, and the last one is ${last}`)
    hold(lastSeq <= last, () => `event ${lastSeq} was told of, but the last one kept is ${last}`)
    const digest = (upTo: number): string =>
      createHash('sha256')
        .update(JSON.stringify(rows.slice(0, upTo)))
        .digest('hex')
    hold(this.#told === 0 || digest(this.#told) === this.#toldDigest, () => `of the first ${this.#told}, one changed`)
    this.#told = last
    this.#toldDigest = digest(last)
  }

  #phases(db: Database.Database): void {
    const rows = db.prepare<[], Phase>("SELECT run_id, data FROM event WHERE type = 'run.phase' ORDER BY seq").all()
    const last = new Map<number, { sequence: number; timestamp_us: number }>()
    for (const { run_id, data } of rows) {
      const now = JSON.parse(data) as { sequence: number; timestamp_us: number }
      const before = last.get(run_id) ?? { sequence: -1, timestamp_us: 0 }
      const follows = now.sequence === before.sequence + 1 && now.timestamp_us > before.timestamp_us
      this.#findings.hold(
        'broken run sequence',
        follows,
        () => `run ${run_id}: ${now.sequence} after ${before.sequence}`,
      )
      last.set(run_id, now)
    }
  }

  #money(db: Database.Database): void {
    const { settled, reserved } = inspectLedger(db, this.#findings)
    const billed = billedBy(this.#doubles)
    this.#findings.hold(
      'unaccounted money',
      billed <= settled + reserved,
      () => `${billed} billed, but only ${settled} settled and ${reserved} reserved`,
    )
  }

  #calls(db: Database.Database): void {
    const steps = db
      .prepare<[], ModelStep>(
        `SELECT s.id, s.run_id, s.key, s.state, s.input, s.reservation_id,
           CASE WHEN v.state IN ('reserved', 'sent') THEN v.amount_micros ELSE v.settled_micros END AS covered_micros
         FROM step s LEFT JOIN reservation v ON v.id = s.reservation_id
         WHERE s.kind = 'model' AND s.reused = 0 ORDER BY s.id`,
      )
      .all()
    const asked = askedOf(this.#doubles)
    const places = new Map<string, { attempts: number; covered: number; done: number; question: string }>()
    const reservations = new Set<number>()
    const done = new Set<string>()
    for (const step of steps) {
      const name = journaledQuestion(step.input, createBlobStore(this.#data_dir))
      const place = places.get(name) ?? { attempts: 0, covered: 0, done: 0, question: name }
      // Asked once, however many runs there are; but a person may have a task of the steered project done again.
      const at = isSteered(name) ? `${step.run_id} ${name}` : name
      this.#findings.hold('repeated steps', !done.has(at), () => `${step.key} of run ${step.run_id} after it was done`)
      place.attempts += 1
      place.covered += step.covered_micros ?? 0
      if (step.state === 'done') {
        place.done += 1
        done.add(at)
      }
      places.set(name, place)
      if (step.reservation_id === null) continue
      const isNew = !reservations.has(step.reservation_id)
      this.#findings.hold('repeated effects', isNew, () => `two calls share reservation ${step.reservation_id}`)
      reservations.add(step.reservation_id)
    }
    for (const [name, { times, billed_micros }] of asked) {
      const place = places.get(name) ?? { attempts: 0, covered: 0, done: 0 }
      const label = JSON.stringify(name.slice(-120))
      this.#findings.hold(
        'repeated effects',
        times <= place.attempts,
        () => `${label} asked ${times} times, journaled ${place.attempts}`,
      )
      this.#findings.hold(
        'unaccounted money',
        billed_micros <= place.covered,
        () => `${label} billed ${billed_micros}, covered ${place.covered}`,
      )
      const before = this.#answered.get(name)
      this.#findings.hold(
        'repeated steps',
        before === undefined || before === times || isSteered(name),
        () => `${label} was answered and is asked again`,
      )
      if (place.done > 0 && before === undefined) this.#answered.set(name, times)
    }
  }

  /** A file that a journaled write left is not written again: it stays the very same file until another write. */
  #writes(db: Database.Database): void {
    const steps = db
      .prepare<[], WriteStep>(
        `SELECT s.id, s.files_changed, p.workspace FROM step s JOIN run r ON r.id = s.run_id JOIN project p ON p.id = r.project_id
         WHERE s.kind = 'tool' AND s.state = 'done' AND s.files_changed != '[]' AND p.name != 'steered' ORDER BY s.ended_at, s.id`,
      )
      .all()
    const open = db
      .prepare<[], number>(
        "SELECT count(*) FROM step WHERE kind = 'tool' AND state = 'sent' AND name IN ('write_file', 'edit_file')",
      )
      .pluck()
      .get()
    const latest = new Map<string, number>()
    for (const { id, files_changed, workspace } of steps) {
      for (const path of JSON.parse(files_changed) as string[]) latest.set(join(workspace, path), id)
    }
    for (const [path, step] of latest) {
      const stats = statSync(path, { bigint: true })
      const file = `${stats.ino} ${stats.mtimeNs}`
      const before = this.#written.get(path)
      if (before?.step === step && open === 0) {
        this.#findings.hold('repeated effects', before.file === file, () => `${path} was written again`)
      }
      // While a write is under way nobody can tell whose file it is.
      if (open === 0) this.#written.set(path, { step, file })
    }
  }

  #files(db: Database.Database, hasSteered: boolean): void {
    const workspaceOf = db.prepare<[string], string>('SELECT workspace FROM project WHERE name = ?').pluck()
    const mixed = workspaceOf.get('mixed') ?? ''
    const planned = workspaceOf.get('planned') ?? ''
    const hold = (holds: boolean, otherwise: () => string): void =>
      this.#findings.hold('left-over files', holds, otherwise)
    const content = (path: string): string =>
      existsSync(join(mixed, path)) ? readFileSync(join(mixed, path), 'utf8') : ''
    for (const [path, text] of Object.entries(MIXED_FILES)) {
      hold(content(path) === text, () => `${path} reads ${JSON.stringify(content(path))}`)
    }
    const lines = content(SHARED_FILE).trimEnd().split('\n')
    const isWhole = lines.at(0) === 'start' && lines.at(-1) === 'end'
    const between = lines.slice(1, -1)
    this.#findings.hold(
      'repeated effects',
      isWhole && JSON.stringify([...between].sort()) === JSON.stringify(SHARED_LINES),
      () => `${SHARED_FILE} reads ${JSON.stringify(lines)}`,
    )
    const wanted = [...Object.keys(MIXED_FILES), SHARED_FILE].sort()
    hold(
      JSON.stringify(filesBelow(mixed)) === JSON.stringify(wanted),
      () => `the workspace holds ${filesBelow(mixed).join(', ')}`,
    )
    hold(
      JSON.stringify(filesBelow(planned)) === JSON.stringify(PLANNED_FILES),
      () => `the workspace holds ${filesBelow(planned).join(', ')}`,
    )
    if (!hasSteered) return
    const steered = workspaceOf.get('steered') ?? ''
    const there = filesBelow(steered).map((path) => [path, readFileSync(join(steered, path), 'utf8')])
    hold(
      JSON.stringify(there) === JSON.stringify(Object.entries(STEERED_FILES)),
      () => `the workspace holds ${JSON.stringify(there.map(([path]) => path))}`,
    )
  }
}
