import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { OpenToolCall } from './registry.ts'
import type { ToolContext } from './tool.ts'
import { toolBench } from './tool-bench.ts'
import { writeFile } from './write-file.ts'

async function noteOf(call: OpenToolCall, context: ToolContext) {
  const note = await call.prepare(context)
  if (!note.ok) throw new Error(note.error.text)
  // As it comes back from the journal.
  return JSON.parse(JSON.stringify(note.value))
}

it('T8 writes a file and reports it as changed, in one spelling', async () => {
  const bench = await toolBench(writeFile)
  expect(await bench.call({ path: './src//a.ts', content: 'häh\n' })).toEqual({
    is_error: false,
    text: 'Created "src/a.ts" (5 bytes).',
    files_changed: ['src/a.ts'],
  })
  expect(readFileSync(join(bench.root, 'src/a.ts'), 'utf8')).toBe('häh\n')
  expect(await bench.call({ path: 'src/a.ts', content: 'x' })).toMatchObject({
    text: expect.stringContaining('Replaced'),
    files_changed: ['src/a.ts'],
  })
  expect(await bench.call({ path: 'src/a.ts', content: 'x' })).toMatchObject({ is_error: false, files_changed: [] })
})

it.each(['/etc/x', '../x', 'a/../../b', '.git/hooks/pre-commit', '.ENV', 'a\\b', ''])(
  'T3 refuses to write %j',
  async (path) => {
    const bench = await toolBench(writeFile)
    if (path === '') expect(() => bench.open({ path, content: 'x' })).toThrow('path')
    else expect(await bench.call({ path, content: 'x' })).toMatchObject({ is_error: true, files_changed: [] })
  },
)

it('T3 refuses more than the cap', async () => {
  const bench = await toolBench(writeFile)
  expect(await bench.call({ path: 'a', content: 'x'.repeat(10_000_001) })).toMatchObject({ is_error: true })
  expect(existsSync(join(bench.root, 'a'))).toBe(false)
})

it.each([
  ['a new file', {}],
  ['a file that was there', { 'd/a': 'old' }],
])('E5 settles by its hash a write of %s', async (_what, files) => {
  const bench = await toolBench(writeFile, files)
  const call = bench.open({ path: 'd/./a', content: 'new' })
  const note = await noteOf(call, bench.context)
  expect(note.path).toBe('d/a')
  // It died before the write …
  expect(await call.recover(note, bench.context)).toEqual({ kind: 'redo' })
  // … after it …
  await call.execute(bench.context)
  expect(await call.recover(note, bench.context)).toMatchObject({
    kind: 'done',
    result: { is_error: false, files_changed: ['d/a'] },
  })
  // … or someone else wrote since.
  writeFileSync(join(bench.root, 'd/a'), 'of someone else')
  expect(await call.recover(note, bench.context)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringContaining('other content'),
  })
})

it('E5 does not know when the file is gone, or the note is not one', async () => {
  const bench = await toolBench(writeFile, { a: 'old' })
  const call = bench.open({ path: 'a', content: 'new' })
  const note = await noteOf(call, bench.context)
  rmSync(join(bench.root, 'a'))
  expect(await call.recover(note, bench.context)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringContaining('gone'),
  })
  expect(await call.recover({ path: 1 }, bench.context)).toMatchObject({ kind: 'unknown' })
})

it('E5 finds a write that changed nothing as done, without changed files', async () => {
  const bench = await toolBench(writeFile, { a: 'same' })
  const call = bench.open({ path: 'a', content: 'same' })
  expect(await call.recover(await noteOf(call, bench.context), bench.context)).toMatchObject({
    kind: 'done',
    result: { files_changed: [] },
  })
})

it('E5 asks again for a write that is refused anyway', async () => {
  const bench = await toolBench(writeFile)
  const call = bench.open({ path: '.git/config', content: 'x' })
  expect(await call.recover(await noteOf(call, bench.context), bench.context)).toEqual({ kind: 'redo' })
  expect(await call.execute(bench.context)).toMatchObject({ is_error: true })
})
