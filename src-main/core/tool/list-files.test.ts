import { expect, it } from 'vitest'
import { listFiles } from './list-files.ts'
import { toolBench } from './tool-bench.ts'

it('T2 lists all files or those of a folder, without forbidden ones', async () => {
  const bench = await toolBench(listFiles, { 'b.txt': '12', 'a/c.txt': '1', 'a/.env': 'KEY', '.git/config': 'x' })
  expect((await bench.call({})).text).toBe('a/c.txt (1 bytes)\nb.txt (2 bytes)')
  expect((await bench.call({ path: './a/' })).text).toBe('a/c.txt (1 bytes)')
  expect((await bench.call({ path: '.' })).text).toContain('b.txt')
})

it('T2 sums up very many files by folder', async () => {
  const many = Object.fromEntries(Array.from({ length: 600 }, (_unused, index) => [`src/deps/${index}/x`, '']))
  const bench = await toolBench(listFiles, { ...many, 'src/main.ts': 'x', 'z.txt': '' })
  expect((await bench.call({})).text.split('\n').slice(0, 2)).toEqual(['src/ (601 files)', 'z.txt (0 bytes)'])
  expect((await bench.call({ path: 'src' })).text.split('\n').slice(0, 2)).toEqual([
    'src/deps/ (600 files)',
    'src/main.ts (1 bytes)',
  ])
})

it('T2 says when there is nothing, and when there is no such folder', async () => {
  const bench = await toolBench(listFiles)
  expect(await bench.call({})).toMatchObject({ is_error: false, text: '[There are no files.]' })
  expect(await bench.call({ path: 'nowhere' })).toMatchObject({ is_error: true })
  expect(await bench.call({ path: '..' })).toMatchObject({ is_error: true })
})
