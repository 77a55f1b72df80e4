import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { RESTORE_FAILPOINTS } from '../../src-main/core/failpoint.ts'
import { type Baton, createBaton } from '../support/baton-process.ts'
import { eventually } from '../support/eventually.ts'

const backupLine = z.object({ id: z.string(), folder: z.string(), findings: z.array(z.string()) })
const report = z.object({ backup_id: z.string(), replaced: z.string(), open_reservations: z.number() })
const doctorLine = z.object({
  findings: z.array(z.object({ name: z.string(), state: z.string(), detail: z.string() })),
})

/** A data folder with one project, a backup of that, and a second project made since. */
let template: string
let backupName: string
const bats: Baton[] = []

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'baton-restore-'))
  const baton = createBaton()
  try {
    await work(baton, 'Write a short report about gulls')
    const made = await baton.run(['backup', '--json'])
    expect(made.code, made.stderr).toBe(0)
    backupName = backupLine.parse(JSON.parse(made.stdout)).id
    await work(baton, 'Write a short report about owls')
    cpSync(baton.data_dir, template, { recursive: true })
  } finally {
    await baton.close()
  }
})
afterAll(() => rmSync(template, { recursive: true, force: true }))
afterEach(async () => {
  for (const baton of bats.splice(0)) await baton.close()
})

async function work(baton: Baton, what: string): Promise<void> {
  const end = await baton.run(['run', what, '--yes', '--profile', 'demo', '--json'])
  expect(end.code, end.stderr).toBe(0)
}

function prepared(): Baton {
  const baton = createBaton()
  bats.push(baton)
  cpSync(template, baton.data_dir, { recursive: true })
  return baton
}

async function projects(baton: Baton): Promise<string[]> {
  const end = await baton.run(['projects', '--json'])
  expect(end.code, end.stderr).toBe(0)
  const lines = end.stdout.trim().split('\n')
  return lines.map((line) => z.object({ id: z.string() }).parse(JSON.parse(line)).id).toSorted()
}

/** What doctor has against the data, apart from the services of this machine. */
async function complaints(baton: Baton): Promise<string[]> {
  const end = await baton.run(['doctor', '--json'])
  const own = ['Database', 'Tables', 'Chains', 'Backups', 'Restore']
  return doctorLine
    .parse(JSON.parse(end.stdout))
    .findings.filter(({ name, state }) => own.includes(name) && state !== 'ok')
    .map(({ name, detail }) => `${name}: ${detail}`)
}

const OLD = ['prj_1', 'prj_2']
const NEW = ['prj_1']
/** Before the note nothing has happened, from it on the restore is decided. */
const DECIDED = ['restore-planned', 'restore-aside', 'restore-in', 'restore-swapped']
const KILLS = RESTORE_FAILPOINTS.flatMap((name): [string, boolean][] => {
  const times = name === 'restore-aside' || name === 'restore-in' ? [1, 2] : [1]
  return times.map((time) => [`${name}:${time}`, DECIDED.includes(name)])
})

test.each(KILLS)('D3 a restore killed at %s leaves one of the two whole', async (failpoint, isDecided) => {
  const baton = prepared()
  const killed = await baton.run(['restore', backupName], { env: { BATON_FAILPOINTS: failpoint } })
  expect(killed.signal, killed.stderr).toBe('SIGKILL')
  expect(await projects(baton)).toEqual(isDecided ? NEW : OLD)
  expect(await complaints(baton)).toEqual([])
  expect(existsSync(join(baton.data_dir, 'restore.json'))).toBe(false)
  // Either way it can be restored again, and then work goes on.
  const end = await baton.run(['restore', backupName, '--json'])
  expect(end.code, end.stderr).toBe(0)
  expect(await projects(baton)).toEqual(NEW)
  expect(await complaints(baton)).toEqual([])
})

test('D3 a restore whose completion is killed too is completed by the next start', async () => {
  const baton = prepared()
  await baton.run(['restore', backupName], { env: { BATON_FAILPOINTS: 'restore-planned' } })
  for (const failpoint of ['restore-aside:1', 'restore-in:1', 'restore-aside:1', 'restore-in:1', 'restore-swapped']) {
    const doctor = await complaints(baton)
    expect(doctor).toEqual(['Restore: a restore was interrupted; the next start of Baton ends it'])
    const killed = await baton.run(['projects'], { env: { BATON_FAILPOINTS: failpoint } })
    expect(killed.signal, failpoint + killed.stderr).toBe('SIGKILL')
  }
  expect(await projects(baton)).toEqual(NEW)
  expect(await complaints(baton)).toEqual([])
})

test('D3 restores over what a killed core left in its write-ahead log, and new work gets new ids', async () => {
  const baton = prepared()
  const killed = await baton.run(['run', 'Write about terns', '--yes', '--profile', 'demo', '--json'], {
    env: { BATON_FAILPOINTS: 'after-tool-effect:1' },
  })
  expect(killed.signal).toBe('SIGKILL')
  const end = await baton.run(['restore', backupName, '--json'])
  expect(end.code, end.stderr).toBe(0)
  const { replaced } = report.parse(JSON.parse(end.stdout))
  expect(readdirSync(replaced)).toContain('baton.db-wal')
  await work(baton, 'Write a short report about wrens')
  expect(await projects(baton)).toEqual(['prj_1', 'prj_4'])
  expect(await complaints(baton)).toEqual([])
})

test('D3 a living core makes backups for others, and keeps restores away', async () => {
  const baton = prepared()
  const server = baton.start(['serve', '--port', '0'])
  await eventually('the core to answer', async () => existsSync(join(baton.data_dir, 'core.lock')))
  const made = await baton.run(['backup', '--json'])
  expect(made.code, made.stderr).toBe(0)
  const { id, findings } = backupLine.parse(JSON.parse(made.stdout))
  expect(findings).toEqual([])
  const listed = await baton.run(['backup', '--list', '--json'])
  const ids = listed.stdout
    .trim()
    .split('\n')
    .map((line) => backupLine.parse(JSON.parse(line)).id)
  expect(ids).toEqual([id, backupName])
  const checked = await baton.run(['backup', '--verify', id, '--json'])
  expect(JSON.parse(checked.stdout)).toEqual({ id, problems: [] })
  const refused = await baton.run(['restore', id])
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/works on .* nothing was restored/) })
  expect(await projects(baton)).toEqual(OLD)
  server.interrupt()
  await server.ended
})

test('D3 a backup whose making is killed is none, and the next one clears it', async () => {
  const baton = prepared()
  const running = baton.start(['backup'])
  await eventually('its draft', async () =>
    readdirSync(join(baton.data_dir, 'backups')).some((name) => name.endsWith('.draft')),
  )
  await running.kill()
  const end = await baton.run(['backup', '--json'])
  expect(end.code, end.stderr).toBe(0)
  expect(readdirSync(join(baton.data_dir, 'backups')).filter((name) => name.endsWith('.draft'))).toEqual([])
})
