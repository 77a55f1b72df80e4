import { expect, it } from 'vitest'
import { z } from 'zod'
import { listFiles } from './list-files.ts'
import { readFile } from './read-file.ts'
import { createToolRegistry } from './registry.ts'
import type { Tool } from './tool.ts'
import { toolBench } from './tool-bench.ts'

const buggy: Tool<{ text: string }> = {
  name: 'buggy',
  description: 'Always breaks',
  risk: 'write',
  parameters: z.strictObject({ text: z.string() }),
  async prepare() {
    throw new Error('broken preparation')
  },
  async execute() {
    throw new Error('broken execution')
  },
  async recover() {
    throw new Error('broken recovery')
  },
}

const plain: Tool = {
  name: 'plain',
  description: 'Cannot tell anything',
  risk: 'execute',
  parameters: z.unknown(),
  execute: async () => ({ is_error: false, text: 'done', files_changed: [] }),
}

function registry() {
  const bugs: string[] = []
  const tools = createToolRegistry([readFile, listFiles, buggy, plain], (tool, error) =>
    bugs.push(`${tool}: ${String(error)}`),
  )
  return { tools, bugs }
}

it('T1 describes tools by the JSON Schema of what a model has to give', () => {
  const [description, ...others] = registry().tools.describe(['read_file', 'no_such_tool'])
  expect(others).toEqual([])
  expect(description).toMatchObject({
    name: 'read_file',
    parameters: {
      type: 'object',
      required: ['path'],
      additionalProperties: false,
      properties: { path: { type: 'string' } },
    },
  })
  expect(description?.parameters).not.toHaveProperty('$schema')
})

it('T1 names the tools there are when one is asked for that is not', () => {
  const opened = registry().tools.open('readfile', {})
  expect(opened).toMatchObject({
    ok: false,
    error: { is_error: true, text: expect.stringContaining('read_file, list_files') },
  })
})

it.each([
  ['a missing argument', {}],
  ['a wrong type', { path: 3 }],
  ['an unknown argument', { path: 'a', colour: 'red' }],
  ['a number out of range', { path: 'a', offset: 0 }],
  ['prose', 'please read a.txt'],
  ['a list', ['a.txt']],
])('T1 refuses %s before anything runs, and shows the schema', (_what, given) => {
  const opened = registry().tools.open('read_file', given)
  expect(opened).toMatchObject({ ok: false, error: { is_error: true, files_changed: [] } })
  expect(!opened.ok && opened.error.text).toContain('"required":["path"]')
})

it.each([undefined, null, '', '{}', {}])('T1 takes %j for no arguments', (given) => {
  expect(registry().tools.open('list_files', given)).toMatchObject({ ok: true, value: { parameters: { path: '' } } })
})

it('T1 takes arguments as JSON text', () => {
  expect(registry().tools.open('read_file', '{"path":"a","limit":5}')).toMatchObject({
    ok: true,
    value: { parameters: { path: 'a', offset: 1, limit: 5 } },
  })
})

it('T1 turns a bug in a tool into a result, and reports it', async () => {
  const { tools, bugs } = registry()
  const { context } = await toolBench(plain)
  const opened = tools.open('buggy', { text: 'x' })
  if (!opened.ok) throw new Error(opened.error.text)
  expect(await opened.value.prepare(context)).toMatchObject({ ok: false, error: { is_error: true } })
  expect(await opened.value.execute(context)).toMatchObject({
    is_error: true,
    text: expect.stringContaining('broken execution'),
  })
  expect(await opened.value.recover({}, context)).toMatchObject({ kind: 'unknown' })
  expect(bugs).toEqual([
    'buggy: Error: broken preparation',
    'buggy: Error: broken execution',
    'buggy: Error: broken recovery',
  ])
})

it('T1 does not begin a cancelled call', async () => {
  const bench = await toolBench(plain, {}, AbortSignal.abort())
  expect(await bench.call({})).toMatchObject({ is_error: true, text: expect.stringContaining('cancelled') })
})

it('E5 says that nobody can tell, unless the tool only reads', async () => {
  const bench = await toolBench(plain)
  expect(await bench.open({}).recover({}, bench.context)).toMatchObject({ kind: 'unknown' })
  const reading = await toolBench(readFile)
  expect(await reading.open({ path: 'a' }).recover({}, reading.context)).toEqual({ kind: 'redo' })
})

it('T1 has one tool for each name', () => {
  expect(() => createToolRegistry([plain, plain], () => {})).toThrow('same name')
})
