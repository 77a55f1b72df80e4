import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createSettingsStore } from '../../src-main/core/store/settings-store.ts'
import { openStore } from '../../src-main/core/store/store.ts'
import { eventually } from '../support/eventually.ts'
import { type Bundle, bundle } from './bundle.ts'
import { Findings } from './findings.ts'
import { inspectLedger } from './inspect-ledger.ts'
import type { LedgerChildOptions } from './ledger-child.ts'
import { OWNERS } from './ledger-owners.ts'
import { seeded } from './seeded.ts'

const WORKERS = ['w0', 'w1', 'w2', 'w3']
const KILLS = 12
const GRANTS = 150
const LIMITS = {
  daily_micros: 1_600_000,
  monthly_micros: 3_000_000,
  global_micros: 2_500_000,
  project_micros: 1_200_000,
  task_micros: 900_000,
  run_micros: 700_000,
}

let program: Bundle
beforeAll(async () => {
  program = await bundle('ledger-child')
})
afterAll(() => program.remove())

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-ledger-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A database with small limits, and with the projects, tasks and runs that calls are made for. */
async function makeDatabase(data_dir: string): Promise<void> {
  const opened = openStore(data_dir, () => undefined)
  if (!opened.ok) throw new Error(opened.error.message)
  const settings = createSettingsStore(opened.value.sqlite)
  await opened.value.write((tx) => settings.changeBudgetLimits(tx, LIMITS))
  const { sqlite } = opened.value
  const project = sqlite.prepare(
    `INSERT INTO project (id, name, requirements, owner, state, created_at, updated_at)
     VALUES (@project_id, 'x', 'x', 'local', 'executing', 1, 1) ON CONFLICT DO NOTHING`,
  )
  const plan = sqlite.prepare(
    `INSERT INTO plan (id, project_id, version, state, source, document, repairs, created_at)
     VALUES (@project_id, @project_id, 1, 'approved', 'user', '{}', '[]', 1) ON CONFLICT DO NOTHING`,
  )
  const task = sqlite.prepare(
    `INSERT INTO task (id, project_id, plan_id, key, position, title, description, type, complexity, tools, acceptance,
       write_scope, artifacts, priority, state, unmet_dependencies, created_at)
     VALUES (@task_id, @project_id, @project_id, 't' || @task_id, @task_id, 'x', '', 'writing', 'simple', '[]', '[]',
       '[]', '[]', 1, 'running', 0, 1) ON CONFLICT DO NOTHING`,
  )
  const run = sqlite.prepare(
    `INSERT INTO run (id, kind, project_id, task_id, attempt, state, profile, created_at)
     VALUES (@run_id, 'task', @project_id, @task_id, 1, 'running', 'demo', 1)`,
  )
  for (const owner of OWNERS) for (const insert of [project, plan, task, run]) insert.run(owner)
  opened.value.close()
}

/** What the provider has billed so far, by all the bills in the folder. */
function billed(folder: string): number {
  return readdirSync(folder)
    .filter((name) => name.startsWith('bill-'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .reduce((sum, line) => sum + Number(line.split(' ')[1]), 0)
}

test('B2 four processes that are killed at random never overspend one ledger, and leave nothing reserved', async () => {
  const folder = makeFolder()
  const data_dir = join(folder, 'data')
  await makeDatabase(data_dir)
  const random = seeded(20_261_121)
  const findings = new Findings()
  const done = new Map<string, number>()
  const faults: string[] = []
  const living = new Map<string, ChildProcess>()
  let lives = 0

  const start = (worker: string, settle_only = false): ChildProcess => {
    lives += 1
    const options: LedgerChildOptions = {
      data_dir,
      bill: join(folder, `bill-${lives}`),
      worker,
      seed: lives,
      settle_only,
    }
    const child = spawn(process.execPath, [program.file, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    createInterface({ input: child.stdout }).on('line', (line) => done.set(line, (done.get(line) ?? 0) + 1))
    child.stderr.setEncoding('utf8').on('data', (text: string) => faults.push(text))
    child.on('exit', (code) => {
      if (code !== null && code !== 0) faults.push(`${worker} ended with ${code}`)
    })
    return child
  }
  const kill = async (child: ChildProcess): Promise<void> => {
    const ended = once(child, 'close')
    child.kill('SIGKILL')
    await ended
  }
  cleanups.push(async () => {
    for (const child of living.values()) await kill(child)
  })
  const count = (what: string): number => done.get(`did ${what}`) ?? 0

  const db = new Database(join(data_dir, 'baton.db'), { readonly: true })
  cleanups.push(() => void db.close())
  const look = (): void => {
    // The bills first: what is billed by now was marked as sent before, so the later snapshot must cover it.
    const sum = billed(folder)
    db.transaction(() => {
      const { settled, reserved } = inspectLedger(db, findings)
      findings.hold(
        'unaccounted money',
        sum <= settled + reserved,
        () => `${sum} billed, ${settled + reserved} covered`,
      )
    })()
  }

  for (const worker of WORKERS) living.set(worker, start(worker))
  // Whether calls stand in each other's way is up to chance, so it goes on until some did.
  for (let kills = 0; kills < KILLS || count('grant') < GRANTS || count('denied-reserved') === 0; kills += 1) {
    const before = count('end')
    const wanted = before + random.between(1, 8)
    await eventually('the next calls', () => {
      look()
      return faults.length > 0 || count('end') >= wanted
    })
    expect(faults).toEqual([])
    const worker = random.pick(WORKERS)
    const victim = living.get(worker)
    if (victim !== undefined) await kill(victim)
    look()
    living.set(worker, start(worker))
  }
  for (const child of living.values()) await kill(child)
  living.clear()
  look()
  const survivor = start('survivor', true)
  await once(survivor, 'close')
  look()

  expect(faults).toEqual([])
  expect(findings.violations).toEqual([])
  // The test did look, calls were in each other's way, and were granted all the same.
  expect(findings.checks.get('unaccounted money')).toBeGreaterThan(1_000)
  expect(count('denied-reserved')).toBeGreaterThan(0)
  expect(count('grant')).toBeGreaterThanOrEqual(GRANTS)
  const reserved = db.prepare<[], number>('SELECT sum(reserved_micros) FROM budget_account').pluck()
  expect(reserved.get()).toBe(0)
  const open = db.prepare<[], number>("SELECT count(*) FROM reservation WHERE state IN ('reserved', 'sent')").pluck()
  expect(open.get()).toBe(0)
})
