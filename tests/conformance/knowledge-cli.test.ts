import { expect, test } from 'vitest'
import { knowledgeSource, searchHit } from '../../src-contract/knowledge.ts'
import { createBaton } from '../support/baton-process.ts'
import { cleanup } from '../support/cleanup.ts'
import { ollamaDouble } from '../support/core-bench.ts'
import { folderOf } from '../support/knowledge-bench.ts'

function lines(stdout: string): unknown[] {
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)
}

test('X2 K1 K3 baton knowledge adds a folder, waits for it, finds in it by meaning, lists it and takes it out', async () => {
  const ollama = await ollamaDouble()
  const baton = createBaton({ ollama: ollama.url })
  cleanup(() => baton.close())
  const folder = folderOf({ 'owl.md': '# Night\n\nThe raptor flies.\n', 'notes/bread.md': 'Flour and salt.\n' })
  const added = await baton.run(['knowledge', 'add', folder, '--json'])
  expect(added.code, added.stderr).toBe(0)
  const source = knowledgeSource.parse(lines(added.stdout)[0])
  expect(source).toMatchObject({ state: 'ready', files: 2, watched: false, project_id: null })

  const found = await baton.run(['knowledge', 'search', 'nocturnal', '--json'])
  expect(found.code, found.stderr).toBe(0)
  expect(searchHit.parse(lines(found.stdout)[0])).toMatchObject({
    citation: { path: 'owl.md', line_start: 1, line_end: 3 },
  })
  const shown = await baton.run(['knowledge', 'search', 'flour', '--keywords'])
  expect(shown.stdout).toMatch(/notes\/bread\.md:1-1/)

  const watched = await baton.run(['knowledge', 'watch', folder])
  expect(watched.stdout).toContain(source.id)
  const table = await baton.run(['knowledge'])
  expect(table.stdout).toMatch(new RegExp(`${source.id}.*everybody.*watched`))
  expect((await baton.run(['knowledge', 'remove', source.id])).code).toBe(0)
  expect(lines((await baton.run(['knowledge', 'list', '--json'])).stdout)).toEqual([])
})

test('X2 K1 baton knowledge says what is wrong, and ends with 1 or 2', async () => {
  const baton = createBaton()
  cleanup(() => baton.close())
  const missing = await baton.run(['knowledge', 'add', '/no/such/folder'])
  expect(missing.code).toBe(1)
  expect(missing.stderr).toMatch(/cannot be read \(ENOENT\)/)
  expect((await baton.run(['knowledge', 'search', ' '])).code).toBe(2)
  const empty = await baton.run(['knowledge'])
  expect(empty.stderr).toMatch(/Nothing is searched in yet/)
})
