import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_FILE_RULES } from '../workspace/file-rules.ts'
import { openLocalWorkspace } from '../workspace/local-workspace.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { verifyArtifacts } from './verify-artifacts.ts'

let root: string
let workspace: Workspace

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'baton-verify-'))
  const opened = await openLocalWorkspace(root, DEFAULT_FILE_RULES)
  if (!opened.ok) expect.fail(opened.error.message)
  workspace = opened.value
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}

async function messages(...paths: string[]): Promise<string[]> {
  return (await verifyArtifacts(workspace, paths)).map((violation) => violation.message)
}

test('G3 finds files that are missing or empty, and names the path', async () => {
  await put('empty.md', '')
  await put('blank.md', ' \n')
  await put('good.md', 'x')
  const found = await verifyArtifacts(workspace, ['gone.md', 'empty.md', 'blank.md', 'good.md'])
  expect(found.map((violation) => violation.path)).toEqual(['gone.md', 'empty.md', 'blank.md'])
  expect(found[0]?.message).toMatch(/not there/)
})

test('G3 refuses a path that leaves the workspace', async () => {
  expect(await messages('../x.md')).toHaveLength(1)
})

const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0])

test.each([
  ['a.json', '{"a": 1}', '{"a": 1'],
  ['a.jsonl', '{"a":1}\n[2]\n', '{"a":1}\nx\n'],
  ['a.yaml', 'a: [1, 2]\n---\nb: 1', 'a: [1, 2'],
  ['a.csv', 'a,b\n"x, ""y""\nz",2\n5" pipe,3\n\n', 'a,b\n1,2,3\n'],
  ['b.csv', 'a;b\n1,5;2\n', 'a;b\n1\n'],
  ['c.csv', 'a,b\n"1",2', 'a,b\n"1,2'],
  ['a.tsv', 'a\tb\n1\t2', 'a\tb\n1'],
  ['a.html', '<p>x', 'only words'],
  ['a.svg', '<svg xmlns="x"><g/></svg>', '<svg xmlns="x"><g/>'],
  ['a.xml', '<?xml version="1.0"?>\n<a/>', 'Here it is: <a/>'],
  ['a.txt', 'é', Uint8Array.from([0xc3, 0x28])],
  ['a.png', png, 'no image'],
  ['a.jpg', Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]), png],
  ['a.webp', 'RIFF\n\0\0\0WEBPVP8 ', 'RIFFWEBP'],
  ['a.pdf', '%PDF-1.7\n', '<html>'],
])('G3 tells a good %s from a bad one', async (path, good, bad) => {
  await put(path, good)
  expect(await messages(path)).toEqual([])
  await put(path, bad)
  const found = await messages(path)
  expect(found).toHaveLength(1)
  expect(found[0]).toContain(path)
})

test('G3 does not check the content of code or of unknown files', async () => {
  await put('a.ts', 'const = ;')
  await put('a.bin', Uint8Array.from([0xff, 0]))
  expect(await messages('a.ts', 'a.bin')).toEqual([])
})

test('G3 follows relative links of markdown', async () => {
  await put('birds/my owl (1).md', 'x')
  await put('images/owl.png', png)
  await put(
    'docs/index.md',
    [
      '[a](../birds/my%20owl%20%281%29.md) [b](<../birds/my owl (1).md> "title") [c](../birds/my%20owl%20(1).md#food)',
      '![d](/images/owl.png) [e](#here) [f](https://example.org/x.md) [g](mailto:a@b.c) [h](../birds) [i](../birds/)',
      '`[code](nowhere.md)` ``[more ` code](nowhere.md)`` \\[no link\\](nowhere.md) <!-- [gone](nowhere.md) -->',
      '',
      '```md\n[fenced](nowhere.md)\n```',
      '[ref]: ./index.md\n[^1]: a footnote',
    ].join('\n'),
  )
  expect(await messages('docs/index.md')).toEqual([])
})

test.each([
  ['[a](missing.md)', /missing\.md, which is not there/],
  ['![a](images/none.png "t")', /images\/none\.png/],
  ['[a](../outside.md)', /leaves the workspace/],
  ['[a](..%2Foutside.md)', /leaves the workspace/],
  ['[a](bad%zz.md)', /not encoded/],
  ['[a][r]\n\n[r]: gone.md', /gone\.md/],
  ['a lone ` backtick\n\n[a](gone.md) and ` another', /gone\.md/],
  ['```\ncode\n```\n[a](gone.md)', /gone\.md/],
  ['[a](gone.md', null],
  ['```text\n<!-- [a](b)\n```\n--> [c](gone.md)', /gone\.md/],
  ['<!-- one\n[a](b)\n-->\n[c](gone.md)', /gone\.md, which/],
  ['<!-- one\n[a](b)\n-->', null],
])('G3 finds where %s leads', async (text, reason) => {
  await put('page.md', text)
  const found = await messages('page.md')
  if (reason === null) expect(found).toEqual([])
  else expect(found).toEqual([expect.stringMatching(reason)])
})

test('G3 counts many broken links instead of listing them all', async () => {
  await put('page.md', Array.from({ length: 500 }, (_, index) => `[a](gone-${index}.md)`).join('\n'))
  const found = await messages('page.md')
  expect(found).toHaveLength(21)
  expect(found.at(-1)).toMatch(/480 more/)
})

test('G3 scans hostile markdown without getting stuck', async () => {
  await put('page.md', `${'` `` '.repeat(100_000)}\n\n${'[](('.repeat(20_000)}`)
  expect(await messages('page.md')).toEqual([])
})

test('G3 wants a file in a promised folder', async () => {
  await mkdir(join(root, 'out'))
  expect((await messages('out/', 'none/')).length).toBe(2)
  await put('out/a.md', 'x')
  expect(await messages('out/')).toEqual([])
})
