import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readTextFile } from './read-attachments.ts'
import { readSource } from './source.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-source-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

test('X1 takes words as requirements', async () => {
  expect(await readSource('Write a poem')).toEqual({ ok: true, value: { kind: 'requirements', text: 'Write a poem' } })
  expect((await readSource(' \n ')).ok).toBe(false)
})

test('X1 takes a name of a missing plan file as words', async () => {
  const text = join(folder, 'none.yaml')
  expect(await readSource(text)).toEqual({ ok: true, value: { kind: 'requirements', text } })
})

test.each([
  ['plan.yaml', 'title: Birds\ntasks: []\n'],
  ['plan.json', '{"title": "Birds", "tasks": []}'],
])('P8 takes %s as a plan', async (name, content) => {
  expect(await readSource(file(name, content))).toEqual({
    ok: true,
    value: { kind: 'plan', title: 'Birds', document: { title: 'Birds', tasks: [] } },
  })
})

test('P8 says what is wrong with a file that is no plan', async () => {
  const source = await readSource(file('plan.yaml', 'title: [unclosed'))
  expect(source.ok).toBe(false)
  if (!source.ok) expect(source.error).toContain('plan.yaml')
})

test('X1 refuses attachments that are no text, too large or missing, and says why', () => {
  const refused = [
    [file('picture.png', new Uint8Array([0x89, 0x50, 0xff, 0x00])), 'text'],
    [file('nul.txt', 'a\0b'), 'text'],
    [file('big.txt', 'x'.repeat(10_000_001)), 'MB'],
    [join(folder, 'missing.txt'), 'cannot be read'],
    [folder, 'not a file'],
  ] as const
  for (const [path, why] of refused) {
    const read = readTextFile(path)
    expect(read.ok).toBe(false)
    if (!read.ok) expect(read.error).toContain(why)
  }
  expect(readTextFile(file('note.md', 'größer 鳥'))).toEqual({
    ok: true,
    value: { name: 'note.md', text: 'größer 鳥' },
  })
})
