import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { editFile } from './edit-file.ts'
import { toolBench } from './tool-bench.ts'

async function edited(before: string, edit: { old_text: string; new_text: string; replace_all?: boolean }) {
  const bench = await toolBench(editFile, { a: before })
  const result = await bench.call({ path: './a', ...edit })
  return { result, after: readFileSync(join(bench.root, 'a'), 'utf8') }
}

it('T2 replaces what stands there once', async () => {
  const { result, after } = await edited('one two three', { old_text: 'two', new_text: '$& $1 2' })
  expect(after).toBe('one $& $1 2 three')
  expect(result).toEqual({ is_error: false, text: 'Edited "a" in one place.', files_changed: ['a'] })
})

it('T2 refuses what stands there more than once, and says where', async () => {
  const { result, after } = await edited('x\ny\nx\n', { old_text: 'x', new_text: 'z' })
  expect(result).toMatchObject({ is_error: true, text: expect.stringContaining('lines 1 and 3') })
  expect(after).toBe('x\ny\nx\n')
})

it('T2 sees overlapping places', async () => {
  expect((await edited('aaa', { old_text: 'aa', new_text: 'b' })).result.is_error).toBe(true)
})

it('T2 replaces all when told', async () => {
  const { result, after } = await edited('x y x', { old_text: 'x', new_text: 'xx', replace_all: true })
  expect(after).toBe('xx y xx')
  expect(result).toMatchObject({ text: 'Edited "a" in 2 places.', files_changed: ['a'] })
})

it('T2 says what is wrong with a text that is not there', async () => {
  const { result, after } = await edited('a\n    if (x) {\n', { old_text: '\tif (x) {\n\t\ty', new_text: '' })
  expect(result).toMatchObject({ is_error: true, text: expect.stringContaining('Line 2 begins like it') })
  expect(after).toBe('a\n    if (x) {\n')
  expect((await edited('abc', { old_text: 'nothing like it', new_text: '' })).result).toMatchObject({
    is_error: true,
    files_changed: [],
  })
})

it('T2 keeps Windows line ends and the byte order mark', async () => {
  const { result, after } = await edited('\ufeffone\r\ntwo\r\nthree\r\n', {
    old_text: 'one\ntwo',
    new_text: '1\n2\n2.5',
  })
  expect(result.is_error).toBe(false)
  expect(after).toBe('\ufeff1\r\n2\r\n2.5\r\nthree\r\n')
})

it('T2 changes nothing where nothing changes', async () => {
  expect((await edited('abc', { old_text: 'b', new_text: 'b' })).result).toMatchObject({
    is_error: false,
    files_changed: [],
  })
})

it('T2 loses no edit when several are made at once', async () => {
  const words = Array.from({ length: 20 }, (_unused, index) => `<${index}>`)
  const bench = await toolBench(editFile, { a: words.join('\n') })
  const results = await Promise.all(
    words.map((word) => bench.call({ path: 'a', old_text: word, new_text: word.toUpperCase().replace('<', 'done ') })),
  )
  expect(results.every((result) => !result.is_error)).toBe(true)
  expect(readFileSync(join(bench.root, 'a'), 'utf8').match(/done/g)).toHaveLength(20)
})

it('T3 refuses files outside, forbidden, missing or not text', async () => {
  const bench = await toolBench(editFile, { '.env': 'A=1', binary: Uint8Array.of(0xff, 0xfe, 0) })
  for (const path of ['../a', '.env', 'missing', 'binary']) {
    expect(await bench.call({ path, old_text: 'A', new_text: 'B' }), path).toMatchObject({
      is_error: true,
      files_changed: [],
    })
  }
  expect(readFileSync(join(bench.root, '.env'), 'utf8')).toBe('A=1')
})

it('E5 settles an edit by its hash, and never applies it twice', async () => {
  const bench = await toolBench(editFile, { a: 'x' })
  const call = bench.open({ path: 'a', old_text: 'x', new_text: 'xx', replace_all: true })
  const note = await call.prepare(bench.context)
  if (!note.ok) throw new Error(note.error.text)
  expect(await call.recover(note.value, bench.context)).toEqual({ kind: 'redo' })
  await call.execute(bench.context)
  expect(await call.recover(note.value, bench.context)).toMatchObject({
    kind: 'done',
    result: { files_changed: ['a'] },
  })
  writeFileSync(join(bench.root, 'a'), 'other')
  expect(await call.recover(note.value, bench.context)).toMatchObject({ kind: 'unknown' })
})

it('E5 asks again for an edit that would have failed, while the file is as it was', async () => {
  const bench = await toolBench(editFile, { a: 'abc', binary: Uint8Array.of(0xff) })
  for (const path of ['a', 'binary', '.env', 'missing']) {
    const call = bench.open({ path, old_text: 'not there', new_text: '' })
    const note = await call.prepare(bench.context)
    expect(note.ok && (await call.recover(note.value, bench.context)), path).toEqual({ kind: 'redo' })
  }
})
