import { expect, it } from 'vitest'
import { readFile } from './read-file.ts'
import { toolBench } from './tool-bench.ts'

const numbered = (count: number) => Array.from({ length: count }, (_unused, index) => `line ${index + 1}`).join('\n')

it('T2 reads a whole file exactly as it is', async () => {
  const bench = await toolBench(readFile, { 'src/a.ts': 'one\n  two\r\nthree' })
  expect(await bench.call({ path: './src/a.ts' })).toEqual({
    is_error: false,
    text: 'one\n  two\r\nthree',
    files_changed: [],
  })
})

it('T2 reads some lines and says how to go on', async () => {
  const bench = await toolBench(readFile, { a: `${numbered(10)}\n` })
  const part = await bench.call({ path: 'a', offset: 3, limit: 2 })
  expect(part.text).toBe('line 3\nline 4\n[These are lines 3 to 4 of 10. Read on with offset 5.]')
  expect((await bench.call({ path: 'a', offset: 9, limit: 5 })).text).toBe('line 9\nline 10')
  expect(await bench.call({ path: 'a', offset: 11 })).toMatchObject({
    is_error: true,
    text: expect.stringContaining('only 10 lines'),
  })
})

it('T2 gives every line of a large file when it is read on as told', async () => {
  const whole = Array.from({ length: 5_000 }, (_unused, index) => `${index}:${'x'.repeat(index % 97)}`).join('\n')
  const bench = await toolBench(readFile, { a: whole })
  const parts: string[] = []
  for (let offset: number | undefined = 1; offset !== undefined; ) {
    const { text } = await bench.call({ path: 'a', offset })
    const note: RegExpExecArray | null = /\n\[These are .* Read on with offset (\d+)\.\]$/.exec(text)
    parts.push(note === null ? text : text.slice(0, note.index))
    offset = note === null ? undefined : Number(note[1])
  }
  expect(parts.length).toBeGreaterThan(2)
  expect(parts.join('\n')).toBe(whole)
})

it('T2 cuts endless lines and says so', async () => {
  const bench = await toolBench(readFile, { a: `${'x'.repeat(100_000)}\nend` })
  const { text } = await bench.call({ path: 'a' })
  expect(text.length).toBeLessThan(3_000)
  expect(text).toMatch(/…\nend\n\[1 long lines were cut/)
})

it('T2 says that an empty file is empty', async () => {
  const bench = await toolBench(readFile, { a: '' })
  expect(await bench.call({ path: 'a' })).toMatchObject({ is_error: false, text: '[The file is empty.]' })
})

it.each([
  ['no UTF-8', 'latin1', 'not a UTF-8 text'],
  ['a zero byte', 'zero', 'not a UTF-8 text'],
  ['too large', 'large', '2000000 bytes'],
  ['missing', 'nowhere', 'no "nowhere"'],
  ['outside', '../a', '".."'],
  ['forbidden', '.env', 'forbidden'],
])('T3 refuses a file that is %s', async (_what, path, message) => {
  const bench = await toolBench(readFile, {
    latin1: Uint8Array.of(0x63, 0x61, 0x66, 0xe9),
    zero: 'a\0b',
    large: 'x'.repeat(2_000_001),
    '.env': 'KEY=1',
  })
  expect(await bench.call({ path })).toMatchObject({ is_error: true, text: expect.stringContaining(message) })
})
