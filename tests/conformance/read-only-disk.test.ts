import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createCore } from '../../src-main/core/create-core.ts'
import { AS_BUILT, BATON_PROGRAM } from '../support/baton-program.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, coreBench } from '../support/core-bench.ts'
import { type SmallDisk, smallDisk, whyNoSmallDisk } from '../support/small-disk.ts'

const why = whyNoSmallDisk()
const skipped = why === null ? '' : ` (skipped: ${why})`

/** Every file of a folder with its content. */
function contents(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'filler')
    .map((entry): [string, string] => {
      const path = join(entry.parentPath, entry.name)
      return [path, readFileSync(path).toString('base64')]
    })
    .toSorted()
}

describe.skipIf(why !== null)(`on a disk that takes nothing${skipped}`, () => {
  let disk: SmallDisk
  const tmp = process.env['TMPDIR']
  beforeEach(() => {
    disk = smallDisk(24)
  })
  afterEach(() => {
    disk.unmount()
    if (tmp === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = tmp
  })
  const open = (data_dir: string): ReturnType<typeof createCore> =>
    createCore({ data_dir, version: '0.0.0-test', ollama_host: '127.0.0.1:1', demo: false })

  test.each([true, false])(
    'D4 a workspace on a read-only disk makes its task wait, not fail (with git: %s)',
    async (git) => {
      const double = await anthropicDouble()
      const bench = await coreBench({ anthropic: double, git })
      disk.readOnly(true)
      const project = await bench.start([{ key: 'page0' }], { workspace: disk.folder })
      await bench.taskReaches(project.id, 'page0', 'waiting')
      expect(bench.task(project.id, 'page0')).toMatchObject({
        waiting_on: 'resource',
        reason: expect.stringMatching(/read-only/),
      })
      disk.readOnly(false)
      await bench.reaches(project.id, 'succeeded')
      expect(bench.task(project.id, 'page0').attempts).toBe(1)
      expect(readFileSync(join(disk.folder, 'page0.md'), 'utf8')).not.toBe('')
    },
  )

  test('D4 a start on a read-only disk says so, changes nothing, and works when it can be written', async () => {
    process.env['TMPDIR'] = disk.folder
    const double = await anthropicDouble()
    const bench = await coreBench({ anthropic: double })
    const project = await bench.start([{ key: 'page0' }])
    await bench.reaches(project.id, 'succeeded')
    await bench.close()
    const before = contents(disk.folder)
    disk.readOnly(true)
    const refused = await open(bench.data_dir)
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'unavailable', message: expect.stringMatching(/is writable and has free space/) },
    })
    expect(await open(join(disk.folder, 'new'))).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/is writable and has free space/) },
    })
    expect(contents(disk.folder)).toEqual(before)
    disk.readOnly(false)
    await bench.reopen()
    expect(bench.project(project.id).state).toBe('succeeded')
  })

  test('D4 a first start without a free byte says so, leaves no half of a database, and works when there is room', async () => {
    const data_dir = join(disk.folder, 'data')
    disk.fill()
    const refused = await open(data_dir)
    expect(refused).toMatchObject({ ok: false, error: { code: 'unavailable', message: expect.stringMatching(/full/) } })
    disk.free()
    const made = await open(data_dir)
    if (!made.ok) throw new Error(made.error.message)
    cleanup(async () => void (await made.value.close(0)))
    expect(made.value.projects.list({ limit: 10 }).items).toEqual([])
    expect(made.value.system.status().storage).toBeNull()
  })

  test('D4 X2 a command without a free byte says so in one sentence and ends with 1', () => {
    disk.fill()
    const cli = spawnSync(process.execPath, [BATON_PROGRAM, 'projects'], {
      encoding: 'utf8',
      env: { ...process.env, ...AS_BUILT, BATON_DATA_DIR: join(disk.folder, 'data') },
    })
    expect(cli.status).toBe(1)
    expect(cli.stderr).toMatch(/full/)
    expect(cli.stderr).not.toMatch(/\n {4}at /)
  })
})
