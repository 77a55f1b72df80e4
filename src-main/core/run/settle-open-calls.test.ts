import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { ok } from '#contract/result.ts'
import { createBlobStore } from '../store/blob-store.ts'
import { run as runTable } from '../store/schema.ts'
import { storeBench } from '../store/store-bench.ts'
import { createToolRegistry } from '../tool/registry.ts'
import type { Tool } from '../tool/tool.ts'
import { toolBench } from '../tool/tool-bench.ts'
import { writeFile } from '../tool/write-file.ts'
import { createJournal } from './journal.ts'
import { settleOpenCalls } from './settle-open-calls.ts'

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }

test('E5 open writes are settled before another task can write the same file', async () => {
  const { store, events, dataDir, project, tasks, run } = storeBench()
  const tool = writeFile as Tool
  const { root, context, open } = await toolBench(tool, { 'done.md': 'old', 'undone.md': 'old', 'else.md': 'old' })
  const projectId = project()
  store.sqlite.prepare('UPDATE project SET workspace = ? WHERE id = ?').run(root, projectId)
  const [taskId = 0] = tasks(projectId, [[]])
  const runId = run(projectId, taskId)
  const row = store.orm.select().from(runTable).where(eq(runTable.id, runId)).get()
  if (row === undefined) throw new Error('gone')
  const journal = createJournal(store, events, createBlobStore(dataDir))

  /** A dead process had begun to write this file. */
  const begin = async (path: string): Promise<void> => {
    const input = { path, content: 'new' }
    const prepared = await open(input).prepare(context)
    if (!prepared.ok) throw new Error(prepared.error.text)
    const step = { phase: 'tool_exec', key: path, kind: 'tool', name: tool.name, input, note: prepared.value } as const
    await store.write((tx) => journal.begin(tx, row, step))
  }
  for (const path of ['done.md', 'undone.md', 'else.md']) await begin(path)
  writeFileSync(join(root, 'done.md'), 'new')
  writeFileSync(join(root, 'else.md'), 'something else')

  const tools = createToolRegistry([tool], (name, error) => {
    throw new Error(`bug in ${name}`, { cause: error })
  })
  const parts = { store, journal, tools, log: SILENT, openWorkspace: async () => ok(context.workspace) }
  await settleOpenCalls(parts)
  const stateOf = (path: string): string | undefined =>
    journal.attempts(runId, { phase: 'tool_exec', key: path })[0]?.state
  expect(stateOf('done.md')).toBe('done')
  expect(stateOf('undone.md')).toBe('failed')
  // Nobody can tell; its run says so.
  expect(stateOf('else.md')).toBe('sent')
  // It only looked.
  expect(readFileSync(join(root, 'undone.md'), 'utf8')).toBe('old')

  // Another task may write now; what was settled stays so.
  writeFileSync(join(root, 'done.md'), 'newer')
  await settleOpenCalls(parts)
  expect(journal.finished(runId, { phase: 'tool_exec', key: 'done.md' })).toMatchObject({ files_changed: ['done.md'] })

  // With its run it ends: nobody will come by it any more.
  store.sqlite.prepare("UPDATE run SET state = 'cancelled' WHERE id = ?").run(runId)
  await settleOpenCalls(parts)
  expect(stateOf('else.md')).toBe('unknown')
})
