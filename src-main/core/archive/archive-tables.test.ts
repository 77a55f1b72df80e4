import { getTableConfig } from 'drizzle-orm/sqlite-core'
import { expect, test } from 'vitest'
import { storeBench } from '../store/store-bench.ts'
import { ARCHIVE_TABLES } from './archive-tables.ts'

/** Tables that name a project and stay behind, with the reason. */
const STAY: Readonly<Record<string, string>> = {
  reservation: 'money of this machine',
  usage_log: 'goes along as imported_usage',
  child_process: 'programs that ran on this machine',
  approval: 'what a person of this machine allowed here',
  batch_request: 'calls that this machine has at a provider',
  job: 'work that was dispatched to this machine and its workers',
  lease: 'rights to things of this machine',
  past_task: 'what this machine learned for its estimates',
  webhook: 'tells an address of this machine’s choosing; its secret stays in this machine’s keychain',
  mcp_server: 'programs and addresses that a person of this machine trusts',
  knowledge_source: 'names files of this machine; on another one it would read what happens to lie there',
}

test('D3 a new table that belongs to projects is in the archive, or it is said why not', async () => {
  const { store } = await storeBench()
  const tables = store.sqlite
    .prepare<[], string>(
      `SELECT DISTINCT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
       WHERE m.type = 'table' AND c.name IN ('project_id', 'task_id', 'run_id')`,
    )
    .pluck()
    .all()
  const known = [...ARCHIVE_TABLES.map(({ name }) => name), ...Object.keys(STAY)]
  expect(tables.filter((name) => !known.includes(name))).toEqual([])
})

test('D3 a new column that names another row is mapped by an import, or left out of the archive', () => {
  for (const { name, table, key, refers, left_out } of ARCHIVE_TABLES) {
    const names = getTableConfig(table).columns.map((column) => column.name)
    const references = names.filter((column) => /(_id|_by)$/.test(column) && column !== key)
    const mapped = [...Object.keys(refers), ...left_out]
    expect(
      references.filter((column) => !mapped.includes(column)),
      name,
    ).toEqual([])
  }
})
