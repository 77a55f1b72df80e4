import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ok } from '#contract/result.ts'
import { refuse } from '../refusal.ts'
import { temporaryFolder } from '../store/store-bench.ts'
import { createTransfers } from './transfers.ts'

/** Transfers, one at once, of archives that lie below a file, so that nobody can remove them. */
function bench() {
  const data_dir = temporaryFolder()
  const warnings: string[] = []
  const log = { info: () => undefined, error: () => undefined, warn: (text: string) => void warnings.push(text) }
  let made = 0
  const transfers = createTransfers({
    ...{ data_dir, log, atOnce: () => 1, failpoint: () => undefined },
    import: async () => refuse('bad_request', 'Not an archive.'),
    async export() {
      made += 1
      const path = join(data_dir, `archive-${made}`)
      writeFileSync(path, 'content')
      return ok({ key: `exp_${made}`, folder: join(path, 'folder'), path, name: 'archive', bytes: 7 })
    },
  })
  return { data_dir, transfers, warnings }
}

test('S4 an export whose file cannot be removed is told of and makes nobody wait for the next', async () => {
  const { transfers, warnings } = bench()
  for (const round of [1, 2]) {
    const begun = await transfers.export('prj_1')
    expect(begun).toMatchObject({ ok: true, value: { id: `exp_${round}` } })
    expect(await transfers.export('prj_1')).toMatchObject({ ok: false, error: { code: 'too_many_requests' } })
    expect(await transfers.discard(`exp_${round}`)).toEqual(ok(undefined))
    expect(warnings).toHaveLength(round)
  }
})

test('S4 a download whose file cannot be removed ends nothing but itself', async () => {
  const { transfers, warnings } = bench()
  for (const round of [1, 2]) {
    const download = await transfers.download('prj_1')
    if (!download.ok) throw new Error(download.error.message)
    for await (const _ of download.value.content) void _
    await expect.poll(() => warnings).toHaveLength(round)
  }
})

test('S4 an upload whose folder cannot be removed gives its place back', async () => {
  const { data_dir, transfers, warnings } = bench()
  const begun = await transfers.begin(3)
  if (!begun.ok) throw new Error(begun.error.message)
  // Its folder becomes a file below which it lies.
  rmSync(join(data_dir, 'imports'), { recursive: true })
  writeFileSync(join(data_dir, 'imports'), '')
  expect(await transfers.abandon(begun.value.id)).toEqual(ok(undefined))
  expect(warnings).toHaveLength(1)
  rmSync(join(data_dir, 'imports'))
  mkdirSync(join(data_dir, 'imports'))
  expect(await transfers.begin(3)).toMatchObject({ ok: true })
})
