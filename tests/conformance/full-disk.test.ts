import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, asked, billed, type CoreBench, coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { type SmallDisk, smallDisk, whyNoSmallDisk } from '../support/small-disk.ts'

const why = whyNoSmallDisk()
const PAGES = Array.from({ length: 8 }, (_, index) => ({ key: `page${index}` }))

describe.skipIf(why !== null)(`on a disk that gets full${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let disk: SmallDisk
  const tmp = process.env['TMPDIR']
  beforeEach(() => {
    disk = smallDisk(24)
    process.env['TMPDIR'] = disk.folder
  })
  afterEach(() => {
    disk.unmount()
    if (tmp === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = tmp
  })

  function expectWhole(bench: CoreBench, id: string): void {
    const { workspace } = bench.project(id)
    for (const { key } of PAGES) expect(readFileSync(join(workspace, `${key}.md`), 'utf8').length).toBeGreaterThan(0)
    const db = new Database(join(bench.data_dir, 'baton.db'), { readonly: true })
    cleanup(async () => db.close())
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(db.prepare("SELECT count(*) FROM step WHERE state = 'sent'").pluck().get()).toBe(0)
    expect(db.prepare("SELECT count(*) FROM reservation WHERE state IN ('reserved', 'sent')").pluck().get()).toBe(0)
    // A full disk is no failure of a task: each has one attempt.
    expect(db.prepare("SELECT count(*) FROM run WHERE kind = 'task'").pluck().get()).toBe(PAGES.length)
  }

  test.each([1, 4, 9, 14])('D4 work that had asked %i times pauses, says why, and goes on by itself', async (calls) => {
    const double = await anthropicDouble({ default: { kind: 'answer', start_delay_ms: 20 } })
    const bench = await coreBench({ anthropic: double })
    const project = await bench.start(PAGES)
    await eventually('some calls', () => asked(double).length >= calls)
    disk.fill()
    const trouble = await eventually('the trouble', () => bench.core.system.status().storage)
    expect(trouble).toMatchObject({ kind: 'full', message: expect.stringMatching(/disk .* full.*Free some space/) })
    expect(bench.core.system.health()).toMatchObject({
      status: 'degraded',
      components: { database: { detail: 'full' } },
    })

    // Reading goes on, changes are refused, and nothing moves.
    const before = must(bench.core.projects.tasks(project.id, { limit: 100 })).items
    expect(before).toHaveLength(PAGES.length)
    expect(bench.core.events.list({}, 10).items).toHaveLength(10)
    const refused = await bench.core.projects.change(project.id, { name: 'Another name' })
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'unavailable', message: expect.stringMatching(/Nothing was changed/) },
    })
    expect(await bench.core.system.pauseAll()).toMatchObject({ ok: false, error: { code: 'unavailable' } })
    expect(bench.project(project.id)).toMatchObject({ name: project.name, state: 'executing' })

    disk.free()
    await bench.reaches(project.id, 'succeeded')
    await eventually('the end of the trouble', () => bench.core.system.status().storage === null)
    const told = bench.core.events.list({ type: 'service.state' }, 100).items
    expect(told.map(({ data }) => data)).toContainEqual(expect.objectContaining({ name: 'disk', state: 'healthy' }))
    expectWhole(bench, project.id)
    // No answer that was paid for was lost.
    expect(bench.core.budget.get().day.settled_micros).toBe(billed(double))
    expect(bench.core.budget.get().day.unconfirmed_micros).toBe(0)
  })

  test('D4 a disk that gets full and free again and again loses nothing', async () => {
    const double = await anthropicDouble({ default: { kind: 'answer', start_delay_ms: 20 } })
    const bench = await coreBench({ anthropic: double })
    const project = await bench.start(PAGES)
    let times = 0
    while (bench.project(project.id).state === 'executing') {
      disk.fill()
      const hasEnded = () => bench.project(project.id).state !== 'executing'
      await eventually('the trouble', () => bench.core.system.status().storage !== null || hasEnded())
      times += 1
      disk.free()
      await eventually('its end', () => bench.core.system.status().storage === null)
      const calls = asked(double).length
      await eventually('more work', () => asked(double).length > calls || hasEnded())
    }
    expect(times).toBeGreaterThan(3)
    await bench.reaches(project.id, 'succeeded')
    expectWhole(bench, project.id)
    expect(bench.core.budget.get().day.settled_micros).toBe(billed(double))
  })

  test('D4 E10 checkpoints on a disk that gets full: work pauses and goes on by itself, and no history is damaged', async () => {
    const double = await anthropicDouble({ default: { kind: 'answer', start_delay_ms: 20 } })
    const bench = await coreBench({ anthropic: double, git: true })
    const project = await bench.start(PAGES)
    let times = 0
    while (bench.project(project.id).state === 'executing' && times < 4) {
      const files = await checkpoints(bench, project.id)
      await eventually('another checkpoint', async () => (await checkpoints(bench, project.id)) > files || hasEnded())
      disk.fill()
      await eventually('the trouble', () => bench.core.system.status().storage !== null || hasEnded())
      times += 1
      disk.free()
      await eventually('its end', () => bench.core.system.status().storage === null)
    }
    expect(times).toBeGreaterThan(0)
    await bench.reaches(project.id, 'succeeded')
    expectWhole(bench, project.id)
    // What could not be committed when its run ended is committed by whoever looks next.
    for (const { key } of PAGES) {
      expect(must(await bench.core.tasks.diff(bench.task(project.id, key).id)).files).toHaveLength(1)
    }
    expect(await checkpoints(bench, project.id)).toBe(PAGES.length)
    const history = join(bench.data_dir, 'git', `${project.id}.git`)
    execFileSync('git', ['--git-dir', history, 'fsck', '--strict', '--no-dangling', '--no-progress'])
    const names = execFileSync('git', ['--git-dir', history, 'ls-tree', '-r', '--name-only', 'main']).toString()
    expect(names.trim().split('\n')).toEqual(PAGES.map(({ key }) => `${key}.md`))

    function hasEnded(): boolean {
      return bench.project(project.id).state !== 'executing'
    }
  })

  async function checkpoints(bench: CoreBench, id: string): Promise<number> {
    return must(await bench.core.projects.checkpoints(id, { limit: 100 })).items.length
  }

  test('D4 a workspace on a full disk of its own makes its task wait, not fail', async () => {
    const home = smallDisk(24)
    cleanup(async () => home.unmount())
    process.env['TMPDIR'] = home.folder
    const double = await anthropicDouble()
    const bench = await coreBench({ anthropic: double })
    disk.fill()
    const project = await bench.start([{ key: 'page0' }], { workspace: disk.folder })
    await bench.taskReaches(project.id, 'page0', 'waiting')
    expect(bench.task(project.id, 'page0')).toMatchObject({
      waiting_on: 'resource',
      reason: expect.stringMatching(/full/),
    })
    expect(bench.core.system.status().storage).toBeNull()
    disk.free()
    await bench.reaches(project.id, 'succeeded')
    expect(readFileSync(join(disk.folder, 'page0.md'), 'utf8')).not.toBe('')
  })

  test('D4 Baton starts on a full disk: what is there can be read, and work goes on when there is room', async () => {
    const double = await anthropicDouble({ default: { kind: 'answer', start_delay_ms: 20 } })
    const bench = await coreBench({ anthropic: double })
    const project = await bench.start(PAGES)
    await eventually('some calls', () => asked(double).length >= 4)
    disk.fill()
    await eventually('the trouble', () => bench.core.system.status().storage)
    await bench.reopen()
    expect(bench.tasks(project.id)).toHaveLength(PAGES.length)
    await eventually('the trouble', () => bench.core.system.status().storage)
    disk.free()
    await bench.reaches(project.id, 'succeeded')
    expect(bench.core.budget.get().day.reserved_micros).toBe(0)
    expect(billed(double)).toBeLessThanOrEqual(bench.core.budget.get().day.settled_micros)
  })
})
