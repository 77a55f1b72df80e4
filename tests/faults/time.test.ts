import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import type { Brain } from '../doubles/brain.ts'
import type { Double } from '../doubles/double-server.ts'
import { startOllamaDouble } from '../doubles/ollama-double.ts'
import { eventually } from '../support/eventually.ts'
import { type Bundle, bundle } from './bundle.ts'
import type { ChildOptions } from './core-child.ts'
import { fakeClock, hasFakeClock, NO_FAKE_CLOCK } from './fake-clock.ts'
import { Findings } from './findings.ts'
import { Inspector } from './inspector.ts'
import { workloadBrain } from './workload.ts'

let program: Bundle
beforeAll(async () => {
  program = await bundle('core-child')
})
afterAll(() => program.remove())

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Clocked {
  readonly anthropic: Double
  readonly child: ChildProcess
  /** Sets the clock of the core: `@2026-01-31 23:59:58` in its zone, or an offset such as `+2h`. */
  setClock(text: string): void
  /** Waits until a task waits and says this as the reason, or (null) until none waits. */
  waitsFor(reason: string | null): Promise<void>
  /** Waits for the end of all work, and answers with the database after the usual inspection. */
  /** Resolves when money was set aside on that day, or all is done. */
  bookedOn(day: string): Promise<void>
  drained(): Promise<Database.Database>
}

interface ClockedOptions {
  readonly clock?: string
  readonly zone?: string
  readonly start_delay_ms?: number
  readonly brain?: Brain
  readonly options?: Pick<ChildOptions, 'daily_micros' | 'settings'>
}

/** A core with doubles and, where a clock is given, a time of its own that can be changed while it runs. */
async function start({
  clock,
  zone = 'UTC',
  start_delay_ms = 0,
  brain = workloadBrain,
  options = {},
}: ClockedOptions): Promise<Clocked> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-time-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const mood = { brain, default: { kind: 'answer' as const, start_delay_ms } }
  const anthropic = await startAnthropicDouble(mood)
  const ollama = await startOllamaDouble(mood)
  cleanups.push(async () => {
    await anthropic.close()
    await ollama.close()
  })
  const clockFile = join(folder, 'clock')
  const setClock = (text: string): void => writeFileSync(clockFile, `${text}\n`)
  if (clock !== undefined) setClock(clock)
  const data_dir = join(folder, 'data')
  const childOptions: ChildOptions = {
    data_dir,
    anthropic: anthropic.url,
    ollama: ollama.url,
    // No git: it would be under the same clock, and its files have times.
    path: '',
    failpoints: [],
    ...options,
  }
  const child = spawn(process.execPath, [program.file, JSON.stringify(childOptions)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(clock === undefined ? {} : fakeClock(clockFile, zone)) },
  })
  const ended = once(child, 'close')
  cleanups.push(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const said: string[] = []
  let lastSeq = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('event ')) lastSeq = Number(line.slice(6))
    else said.push(line)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text))
  await eventually('a core that is up', () => said.includes('up') || child.exitCode !== null)
  return {
    anthropic,
    child,
    setClock,
    async waitsFor(reason) {
      const live = new Database(join(data_dir, 'baton.db'), { readonly: true })
      const reasons = live.prepare<[], string>("SELECT reason FROM task WHERE state = 'waiting'").pluck()
      await eventually(reason === null ? 'no task that waits' : `a task that waits: ${reason}`, () => {
        const now = reasons.all()
        return (
          child.exitCode !== null || (reason === null ? now.length === 0 : now.some((text) => text.includes(reason)))
        )
      })
      live.close()
    },
    async bookedOn(day) {
      const live = new Database(join(data_dir, 'baton.db'), { readonly: true })
      const booked = live.prepare<[string], number>('SELECT count(*) FROM reservation WHERE day_key = ?').pluck()
      await eventually(`a call on ${day}`, () => child.exitCode !== null || (booked.get(day) ?? 0) > 0)
      live.close()
    },
    async drained() {
      await ended
      expect(said.at(-1)).toBe('drained')
      const findings = new Findings()
      new Inspector(data_dir, [anthropic, ollama], findings).afterDrain(lastSeq)
      expect(findings.violations).toEqual([])
      const db = new Database(join(data_dir, 'baton.db'), { readonly: true })
      cleanups.push(() => void db.close())
      return db
    },
  }
}

function asked(double: Double): number {
  return double.record.calls.filter((call) => call.path === '/v1/messages').length
}

async function aCallInFlight({ anthropic }: Clocked, after = 0): Promise<void> {
  await eventually('a call under way', () =>
    anthropic.record.calls.some(
      (call, index) => index >= after && call.path === '/v1/messages' && call.outcome === 'open',
    ),
  )
}

interface Booked {
  readonly day_key: string
  readonly month_key: string
  readonly created_at: number
  readonly settled_at: number
}

function bookings(db: Database.Database): Booked[] {
  return db.prepare<[], Booked>('SELECT day_key, month_key, created_at, settled_at FROM reservation ORDER BY id').all()
}

const utcDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
/** The most attempts that any step of a run has made. */
function mostAttempts(db: Database.Database): number {
  return db.prepare<[], number>('SELECT max(attempt) FROM step').pluck().get() ?? 0
}

describe.skipIf(!hasFakeClock)(`a clock of its own${NO_FAKE_CLOCK}`, () => {
  test('B1 money is booked on the UTC day on which it was set aside, over the end of a month and of summer time', async () => {
    // In Berlin the clock goes from the first to the second 2 o'clock, and into November an hour before UTC does.
    const core = await start({ clock: '@2026-10-25 01:50:00', zone: 'Europe/Berlin', start_delay_ms: 50 })
    const clocks = ['@2026-10-25 03:00:00', '@2026-11-01 00:50:00', '@2026-11-01 01:00:10']
    for (const clock of clocks) {
      const before = asked(core.anthropic)
      await eventually('calls by this clock', () => asked(core.anthropic) >= before + 2)
      core.anthropic.setDefault({ kind: 'answer', start_delay_ms: 3_000 })
      const known = core.anthropic.record.calls.length
      await aCallInFlight(core, known)
      core.setClock(clock)
      core.anthropic.setDefault({ kind: 'answer', start_delay_ms: 50 })
    }
    const db = await core.drained()
    const rows = bookings(db)
    for (const { day_key, month_key, created_at } of rows) {
      expect([day_key, month_key]).toEqual([utcDay(created_at), utcDay(created_at).slice(0, 7)])
    }
    expect([...new Set(rows.map((row) => row.day_key))]).toEqual([
      '2026-10-24',
      '2026-10-25',
      '2026-10-31',
      '2026-11-01',
    ])
    // At least one was set aside in October and settled in November.
    expect(rows.some((row) => row.month_key === '2026-10' && utcDay(row.settled_at) === '2026-11-01')).toBe(true)
    expect(mostAttempts(db)).toBe(1)
  })

  /** Each turn of a task costs about a tenth of what a day allows, so that no day is enough. */
  const brain: Brain = (request) => {
    const answer = workloadBrain(request)
    return request.output_schema === null ? { ...answer, text: 'All is well by the lake. '.repeat(60) } : answer
  }

  test('B1 B4 a clock that is set back by a day finds that day spent, and forward again the next one free', async () => {
    const core = await start({ clock: '@2026-03-10 12:00:00', brain, options: { daily_micros: 46_000 } })
    await core.waitsFor("Today's limit")
    core.setClock('@2026-03-11 00:00:10')
    await core.bookedOn('2026-03-11')
    core.setClock('@2026-03-10 02:00:00')
    for (let day = 12; core.child.exitCode === null && day < 28; day += 1) {
      // The first time on a day that was spent before; that it takes nothing more, the inspection of its account shows.
      await Promise.race([once(core.child, 'close'), core.waitsFor("Today's limit")])
      core.setClock(`@2026-03-${day} 06:00:00`)
      await core.bookedOn(`2026-03-${day}`)
    }
    const db = await core.drained()
    expect(new Set(bookings(db).map((row) => row.day_key)).size).toBeGreaterThan(1)
  })

  test('B1 B4 the limit of a day stops the work, and it goes on by itself on the next, never over the limit', async () => {
    const core = await start({ clock: '@2026-03-10 12:00:00', brain, options: { daily_micros: 46_000 } })
    let day = 10
    while (core.child.exitCode === null && day < 28) {
      await Promise.race([once(core.child, 'close'), core.waitsFor("Today's limit")])
      day += 1
      core.setClock(`@2026-03-${day} 00:00:10`)
      await core.bookedOn(`2026-03-${day}`)
    }
    const db = await core.drained()
    expect(new Set(bookings(db).map((row) => row.day_key)).size).toBeGreaterThan(1)
  })

  test('E3 a clock that jumps ahead makes no storm of calls, and waits that are over by it end', async () => {
    const core = await start({ clock: '@2026-05-01 12:00:00', start_delay_ms: 50 })
    core.anthropic.script({ kind: 'rate_limit', retry_after_s: 3_600 })
    await core.waitsFor('Goes on at ')
    core.setClock('@2026-05-01 14:00:00')
    const db = await core.drained()
    // The refused call was made once more, and no other.
    expect(mostAttempts(db)).toBe(2)
    const steps = db
      .prepare<[], number>("SELECT count(*) FROM step WHERE kind = 'model' AND reservation_id IS NOT NULL")
      .pluck()
    expect(asked(core.anthropic)).toBe(steps.get())
  })

  test('E3 a clock that is set back keeps no retry waiting for as long', async () => {
    const core = await start({
      clock: '@2026-05-01 12:00:00',
      start_delay_ms: 50,
      options: { settings: { retry_base_ms: 1_000, retry_cap_ms: 1_000 } },
    })
    core.anthropic.script({ kind: 'overloaded' }, { kind: 'overloaded' })
    await core.waitsFor('Tries again at ')
    core.setClock('@2026-04-30 12:00:00')
    const db = await core.drained()
    expect(mostAttempts(db)).toBeLessThanOrEqual(3)
  })

  test('E3 a machine that slept with calls in flight takes their answers and asks nothing again', async () => {
    const core = await start({ clock: '@2026-05-01 12:00:00', start_delay_ms: 200 })
    await aCallInFlight(core)
    core.child.kill('SIGSTOP')
    core.setClock('@2026-05-02 12:00:00')
    await eventually('answers while it sleeps', () =>
      core.anthropic.record.calls.every((call) => call.outcome !== 'open'),
    )
    core.child.kill('SIGCONT')
    const db = await core.drained()
    expect(mostAttempts(db)).toBe(1)
  })
})

test('E3 a process that was stopped for longer than its time limits asks once more, under new reservations', async () => {
  const core = await start({ start_delay_ms: 300, options: { settings: { step_timeout_ms: 1_000 } } })
  await aCallInFlight(core)
  core.child.kill('SIGSTOP')
  await sleep(1_500)
  core.child.kill('SIGCONT')
  const db = await core.drained()
  // Slow machines may meet the limit again; a storm would be bounded by nothing.
  expect(mostAttempts(db)).toBeLessThanOrEqual(4)
})
