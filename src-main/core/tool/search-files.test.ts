import { expect, it } from 'vitest'
import { createSearchFiles, searchFiles } from './search-files.ts'
import { toolBench } from './tool-bench.ts'

const FILES = {
  'src/a.ts': 'const one = 1\r\nconst two = 2\n',
  'src/b.ts': 'a.c\nabc\n',
  'docs/ü.md': 'größer: const x\n',
  '.env': 'const SECRET=1',
  'node_modules/x/index.js': 'const dependency = 1',
  'image.png': Uint8Array.of(0x89, 0x50, 0, 0xff),
}

it('T2 finds plain text with file and line', async () => {
  const bench = await toolBench(searchFiles, FILES)
  const { text } = await bench.call({ pattern: 'const' })
  expect(text.split('\n')).toEqual([
    'docs/ü.md:1: größer: const x',
    'src/a.ts:1: const one = 1',
    'src/a.ts:2: const two = 2',
    '[1 files were skipped: not UTF-8 text, too large, or not readable.]',
  ])
  expect((await bench.call({ pattern: 'a.c', path: 'src' })).text).toBe('src/b.ts:1: a.c')
  expect((await bench.call({ pattern: 'two', path: 'src/a.ts' })).text).toBe('src/a.ts:2: const two = 2')
  expect((await bench.call({ pattern: 'const', path: 'node_modules' })).text).toContain('dependency')
})

it('T2 finds by regular expression when told', async () => {
  const bench = await toolBench(searchFiles, FILES)
  expect((await bench.call({ pattern: 'a.c', path: 'src', regex: true })).text).toBe('src/b.ts:1: a.c\nsrc/b.ts:2: abc')
  expect((await bench.call({ pattern: '^\\p{L}+:', path: 'docs', regex: true })).text).toContain('größer')
  expect((await bench.call({ pattern: '= 2$', path: 'src', regex: true })).text).toContain('src/a.ts:2')
  expect((await bench.call({ pattern: 'a\\-?\\.c', path: 'src', regex: true })).text).toContain('src/b.ts:1')
})

it('T2 says when nothing is found and when a pattern cannot be used', async () => {
  const bench = await toolBench(searchFiles, FILES)
  expect(await bench.call({ pattern: 'zebra', path: 'src' })).toMatchObject({
    is_error: false,
    text: '[Nothing was found in 2 files.]',
  })
  expect(await bench.call({ pattern: '(', regex: true })).toMatchObject({
    is_error: true,
    text: expect.stringContaining('regular expression'),
  })
  expect(await bench.call({ pattern: 'a\nb' })).toMatchObject({
    is_error: true,
    text: expect.stringContaining('line by line'),
  })
  expect(await bench.call({ pattern: 'x', path: 'nowhere' })).toMatchObject({ is_error: true })
})

it('T3 finds nothing outside or in forbidden files, also when they are named', async () => {
  const bench = await toolBench(searchFiles, FILES)
  for (const path of ['.env', '../', '/etc', '.git']) {
    expect(await bench.call({ pattern: 'o', path }), path).toMatchObject({ is_error: true })
  }
})

it('T2 caps what it finds and how long a line is', async () => {
  const bench = await toolBench(searchFiles, {
    a: 'hit\n'.repeat(500),
    b: `${'x'.repeat(100_000)}needle${'x'.repeat(100_000)}`,
  })
  const { text } = await bench.call({ pattern: 'hit' })
  expect(text.split('\n')).toHaveLength(201)
  expect(text).toContain('[Only the first 200 lines are shown.')
  const line = (await bench.call({ pattern: 'needle' })).text
  expect(line).toContain('needle')
  expect(line.length).toBeLessThan(400)
})

it('T2 ends a pattern that would never end, without blocking the main loop', async () => {
  const bench = await toolBench(createSearchFiles(500), { a: `${'a'.repeat(60)}!` })
  let turns = 0
  const counter = setInterval(() => {
    turns += 1
  }, 10)
  try {
    expect(await bench.call({ pattern: '^(a+)+$', regex: true })).toMatchObject({
      is_error: true,
      text: expect.stringContaining('Time ran out in "a"'),
    })
  } finally {
    clearInterval(counter)
  }
  expect(turns).toBeGreaterThan(0)
})

it('T2 stops when it is cancelled', async () => {
  const cancel = new AbortController()
  const bench = await toolBench(searchFiles, { a: `${'a'.repeat(60)}!` }, cancel.signal)
  const found = bench.call({ pattern: '^(a+)+$', regex: true })
  cancel.abort()
  expect(await found).toMatchObject({ is_error: true, text: 'The search was cancelled.' })
})
