import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeId } from '../../src-contract/ids.ts'
import { snapshotRows } from '../../src-main/core/archive/snapshot-rows.ts'
import { temporaryFolder } from '../../src-main/core/store/store-bench.ts'
import { coreBench } from '../support/core-bench.ts'

// Many short rows: the fault comes between two turns of the loop, while nobody waits for the file.
test.skipIf(process.platform !== 'linux').each([
  ['cannot be written', '/dev/full', /ENOSPC/],
  ['cannot be opened', '/nowhere/task_dependency.jsonl', /ENOENT/],
])('D3 D4 an export of many rows to a file that %s is refused, and Baton lives', async (_, target, fault) => {
  const bench = await coreBench({ demo: true })
  const tasks = Array.from({ length: 1_000 }, (_, n) => ({ key: `t${n}`, depends_on: n === 0 ? [] : ['t0'] }))
  const { id } = await bench.start(tasks, { profile: 'demo' })
  await bench.core.projects.pause(id)
  const folder = temporaryFolder()
  symlinkSync(target, join(folder, 'task_dependency.jsonl'))
  const key = decodeId('project', id) ?? -1
  await expect(snapshotRows(join(bench.data_dir, 'baton.db'), key, folder)).rejects.toThrow(fault)
})
