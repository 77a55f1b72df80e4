/**
 * What SQLite itself allows: the same approved graphs in the same tables, gone through with the fewest statements that
 * leave the same rows, one durable commit per turn and nothing decided, checked or hashed on the way:
 * `node bench/straight-rounds.ts [rounds] [--phases]`. One JSON line per graph and round on stdout.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import type { PlanDocument } from '#contract/plan.ts'
import { setUp } from '#core/store/database.ts'
import { CONCURRENCY, flatPlans, layeredPlans } from './graph-shapes.ts'
import { createInstantEngine } from './instant-engine.ts'
import { approve, openCore } from './prepared-core.ts'
import { CALL, PHASES } from './recorded-call.ts'
import { writtenBytes, writtenRows } from './written.ts'

interface Task {
  readonly id: number
  readonly project_id: number
}

interface Running extends Task {
  readonly run_id: number
}

/** As long as a SHA-256 and a digest in a chain, which are not computed here. */
const HASH = 'f'.repeat(64)
const DIGEST = 'f'.repeat(16)
/** What Baton says of its choice. */
const ROUTE_REASON = 'The project uses Instant for everything.'
const IDS = 'SELECT value FROM json_each(@ids)'
const ROWS = 'FROM json_each(@rows)'

/** The statements of a turn; each takes all tasks of it at once. */
function statements(sqlite: Database.Database) {
  const prepare = <T = unknown>(sql: string): Database.Statement<[Record<string, unknown>], T> =>
    sqlite.prepare<[Record<string, unknown>], T>(sql)
  return {
    endTasks: prepare(`UPDATE task SET state = 'succeeded', ended_at = @now WHERE id IN (${IDS})`),
    endRuns:
      prepare(`UPDATE run SET state = 'succeeded', ended_at = @now, next_sequence = @phases, last_event_us = @last_event_us,
      phase = @phase WHERE id IN (${IDS})`),
    unlock: prepare<Task & { unmet: number }>(
      `UPDATE task SET unmet_dependencies = unmet_dependencies - (SELECT count(*) FROM task_dependency d
         WHERE d.task_id = task.id AND d.depends_on_id IN (${IDS}))
       WHERE id IN (SELECT task_id FROM task_dependency WHERE depends_on_id IN (${IDS}))
       RETURNING id, project_id, unmet_dependencies AS unmet`,
    ),
    ready: prepare(`UPDATE task SET state = 'ready', ready_at = @now WHERE id IN (${IDS})`),
    begin: prepare(`UPDATE task SET state = 'running', started_at = @now, attempts = 1, run_id = value ->> 1 ${ROWS}
       WHERE task.id = value ->> 0`),
    insertRuns: prepare<Running>(
      `INSERT INTO run (kind, project_id, task_id, attempt, state, profile, tier, route_reason, note, created_at, started_at)
       SELECT 'task', value ->> 0, value ->> 1, 1, 'running', 'instant', 'local', @route_reason, '', @now, @now ${ROWS}
       RETURNING id AS run_id, project_id, task_id AS id`,
    ),
    reservations: prepare<number>(
      `INSERT INTO reservation (state, provider, model, project_id, task_id, run_id, day_key, month_key, amount_micros,
         settled_micros, created_at, sent_at, settled_at)
       SELECT 'settled', '${CALL.provider}', '${CALL.model}', value ->> 0, value ->> 1, value ->> 2, @day, @month,
         ${CALL.worst_micros}, ${CALL.cost_micros}, @now, @now, @now ${ROWS} RETURNING id`,
    ),
    usage: prepare(
      `INSERT INTO usage_log (ts, day_key, provider, model, profile, project_id, task_id, run_id, step_id, reservation_id, tier,
         attempt, input_tokens, output_tokens, cache_write_tokens, cache_read_tokens, cost_micros, saved_micros, latency_ms, outcome)
       SELECT @now, @day, '${CALL.provider}', '${CALL.model}', '${CALL.profile}', value ->> 0, value ->> 1, value ->> 2, 0,
         value ->> 3, '${CALL.tier}', 1, ${CALL.usage.input}, ${CALL.usage.output}, 0, 0, ${CALL.cost_micros}, 0,
         ${CALL.latency_ms}, '${CALL.outcome}' ${ROWS}`,
    ),
    accounts: prepare(
      `INSERT INTO budget_account (scope, settled_micros) SELECT value ->> 0, value ->> 1 ${ROWS}
       WHERE true ON CONFLICT (scope) DO UPDATE SET settled_micros = settled_micros + excluded.settled_micros`,
    ),
    chain: prepare(
      `INSERT INTO chain_link (chain, seq, lines, hash) VALUES ('ledger', @seq, @lines, '${HASH}'), ('usage', @seq, @lines, '${HASH}')`,
    ),
    pastTask: prepare(
      `INSERT INTO past_task (task_id, stand_in, tier, complexity, type, profile, input_tokens, cache_write_tokens,
         cache_read_tokens, output_tokens, call_tokens, cost_micros, ms, ended_at)
       VALUES (@id, 0, '${CALL.tier}', 'simple', 'writing', '${CALL.profile}', ${CALL.usage.input}, 0, 0,
         ${CALL.usage.output}, ${CALL.usage.input}, ${CALL.cost_micros}, ${CALL.latency_ms}, @now)`,
    ),
    events: prepare(
      `INSERT INTO event (ts, type, project_id, task_id, run_id, data)
       SELECT @now, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 ${ROWS}`,
    ),
    commit: prepare(`UPDATE meta SET value = value + 1 WHERE key = 'commit'`),
  }
}

const taskData = (state: string): string => JSON.stringify({ state })
const runData = (state: string): string => JSON.stringify({ state, profile: 'instant' })

function carryOut(sqlite: Database.Database, phases: boolean): void {
  const write = statements(sqlite)
  const ready = sqlite
    .prepare<[], Task>("SELECT id, project_id FROM task WHERE state = 'ready' ORDER BY ready_at, id")
    .all()
  const month = new Date().toISOString().slice(0, 7)
  const day = new Date().toISOString().slice(0, 10)
  let next = 0
  let seq = 0
  let running: Running[] = []

  function tell(now: number, events: readonly unknown[][]): void {
    write.events.run({ now, rows: JSON.stringify(events) })
  }

  function complete(ended: readonly Running[]): void {
    const now = Date.now()
    const ids = JSON.stringify(ended.map((task) => task.id))
    const runIds = JSON.stringify(ended.map((task) => task.run_id))
    write.endTasks.run({ now, ids })
    const last_event_us = phases ? now * 1_000 : 0
    const passed = {
      last_event_us,
      phases: phases ? PHASES.length : 0,
      phase: phases ? (PHASES.at(-1)?.node ?? null) : null,
    }
    write.endRuns.run({ now, ids: runIds, ...passed })
    const subjects = ended.map((task) => [task.project_id, task.id, task.run_id])
    const reservations = write.reservations.all({ now, day, month, rows: JSON.stringify(subjects) }) as unknown as {
      id: number
    }[]
    const calls = subjects.map((subject, index) => [...subject, reservations[index]?.id])
    write.usage.run({ now, day, rows: JSON.stringify(calls) })
    const all = ended.length * CALL.cost_micros
    const byProject = new Map<number, number>()
    for (const task of ended) byProject.set(task.project_id, (byProject.get(task.project_id) ?? 0) + CALL.cost_micros)
    const accounts: unknown[][] = [
      ['global', all],
      [`month:${month}`, all],
      [`day:${day}`, all],
      ...[...byProject].map(([id, micros]) => [`project:${id}`, micros]),
    ]
    write.accounts.run({ rows: JSON.stringify(accounts) })
    seq += 1
    write.chain.run({ seq, lines: calls.map((call) => `${call[3]} ${DIGEST}`).join('\n') })
    write.pastTask.run({ now, id: ended[0]?.id })
    const free = write.unlock.all({ ids }).filter((task) => task.unmet === 0)
    if (free.length > 0) write.ready.run({ now, ids: JSON.stringify(free.map((task) => task.id)) })
    ready.push(...free)
    tell(now, [
      ...(phases
        ? ended.flatMap((task) =>
            PHASES.map(({ node, phase }, sequence) => [
              'run.phase',
              task.project_id,
              task.id,
              task.run_id,
              JSON.stringify({ sequence, timestamp_us: now * 1_000, node, phase, payload: {} }),
            ]),
          )
        : []),
      ...ended.map((task) => ['run.state', task.project_id, task.id, task.run_id, runData('succeeded')]),
      ...ended.map((task) => ['task.state', task.project_id, task.id, null, taskData('succeeded')]),
      ...free.map((task) => ['task.state', task.project_id, task.id, null, taskData('ready')]),
    ])
  }

  function claim(tasks: readonly Task[]): Running[] {
    const now = Date.now()
    const rows = JSON.stringify(tasks.map((task) => [task.project_id, task.id]))
    const begun = write.insertRuns.all({ now, rows, route_reason: ROUTE_REASON })
    write.begin.run({ now, rows: JSON.stringify(begun.map((task) => [task.id, task.run_id])) })
    tell(now, [
      ...begun.map((task) => ['task.state', task.project_id, task.id, null, taskData('running')]),
      ...begun.map((task) => ['run.state', task.project_id, task.id, task.run_id, runData('running')]),
    ])
    return begun
  }

  const turn = sqlite.transaction(() => {
    if (running.length > 0) complete(running)
    const wanted = ready.slice(next, next + CONCURRENCY)
    next += wanted.length
    running = wanted.length > 0 ? claim(wanted) : []
    write.commit.run({})
  })
  do turn()
  while (running.length > 0)
}

async function round(shape: string, plans: readonly PlanDocument[], phases: boolean): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  try {
    const core = await openCore(dataDir, createInstantEngine(phases))
    for (const plan of plans) await approve(core, plan)
    await core.close()
    const sqlite = setUp(new Database(join(dataDir, 'baton.db')))
    const began = performance.now()
    carryOut(sqlite, phases)
    const ms = performance.now() - began
    const tasks = plans.reduce((sum, plan) => sum + plan.tasks.length, 0)
    const done = sqlite.prepare<[], number>("SELECT count(*) FROM task WHERE state = 'succeeded'").pluck().get()
    sqlite.close()
    const written = { rows: writtenRows(dataDir), bytes: writtenBytes(dataDir) }
    const rss_bytes = process.resourceUsage().maxRSS * 1024
    console.log(JSON.stringify({ shape, tasks, ms, approve_ms: 0, rss_bytes, ...written, ok: done === tasks }))
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const { values, positionals } = parseArgs({ options: { phases: { type: 'boolean' } }, allowPositionals: true })
const phases = values.phases ?? false
for (let count = 0; count < Number(positionals[0] ?? 3); count += 1) {
  await round('dag', layeredPlans(), phases)
  await round('flat', flatPlans(), phases)
}
