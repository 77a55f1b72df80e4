import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newProject } from '../../src-contract/project.ts'
import type { Core } from '../../src-main/core/core.ts'
import { coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { addPath, find, folderOf, untilRead } from '../support/knowledge-bench.ts'
import { makePdf } from '../support/make-pdf.ts'

async function filesOf(core: Core, id: string) {
  return must(await core.knowledge.files(id, { limit: 100 })).items
}

test('K1 K3 PDF, HTML, CSV, code and other encodings are read, each with the place where a thing stands', async () => {
  const { core } = await coreBench()
  const page = [
    '<!doctype html><html><head><title>not text</title><script>var secretscript = 1</script></head>',
    '<body><h1>Harbours</h1>',
    '<p>The pilot boards',
    'at the <b>lighthouse</b>.</p>',
    '<table><tr><td>Depth</td><td>twelve fathoms</td></tr></table></body></html>',
  ].join('\n')
  const folder = folderOf({
    'paper.pdf': makePdf([
      ['Introduction', 'Nothing of note.'],
      ['Method', 'The kestrel was ringed', 'on the third morning.'],
    ]),
    'page.html': page,
    'list.csv': `bird,wingspan_cm\n${Array.from({ length: 200 }, (_, row) => `bird${row},${100 + row}`).join('\n')}\n`,
    'src/tool.ts': 'export interface LaneSettings {\n  readonly depth: number\n}\n\nexport function openSluice() {}\n',
    'latin.txt': Buffer.from('Die Schleuse öffnet um fünf.', 'latin1'),
    'wide.txt': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Ebb tide at noon.', 'utf16le')]),
    'picture.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]),
  })
  const source = await addPath(core, { path: folder })
  expect(source).toMatchObject({ state: 'ready', files: 6, problems: 1 })
  const files = await filesOf(core, source.id)
  expect(files.map(({ path, media }) => [path, media])).toEqual([
    ['latin.txt', 'text'],
    ['list.csv', 'csv'],
    ['page.html', 'html'],
    ['paper.pdf', 'pdf'],
    ['picture.png', null],
    ['src/tool.ts', 'code'],
    ['wide.txt', 'text'],
  ])
  expect(files.find(({ path }) => path === 'picture.png')?.problem).toBe('It is not text.')
  expect(files.find(({ path }) => path === 'paper.pdf')?.pages).toBe(2)
  const first = async (query: string) => (await find(core, query)).items[0]
  expect((await first('kestrel ringed'))?.citation).toMatchObject({
    path: 'paper.pdf',
    page: 2,
    line_start: 1,
    line_end: 3,
  })
  const lit = await first('lighthouse')
  expect(lit?.citation).toMatchObject({ path: 'page.html', page: null, line_start: 2, line_end: 5 })
  expect(lit).toMatchObject({
    heading: 'Harbours',
    text: expect.stringContaining('The pilot boards at the lighthouse.'),
  })
  expect(page.split('\n').slice(1, 5).join(' ')).toContain('lighthouse')
  const row = await first('bird150')
  expect(row?.citation.path).toBe('list.csv')
  expect(row?.heading).toBe('bird,wingspan_cm')
  expect(row?.citation.line_start).toBeLessThanOrEqual(152)
  expect(row?.citation.line_end).toBeGreaterThanOrEqual(152)
  expect((await find(core, 'openSluice', { mode: 'keywords' })).items[0]?.citation.path).toBe('src/tool.ts')
  expect((await first('Schleuse öffnet'))?.text).toBe('Die Schleuse öffnet um fünf.')
  expect((await first('ebb tide'))?.citation.path).toBe('wide.txt')
  expect((await find(core, 'secretscript')).items).toEqual([])
})

test('K1 T3 links, secrets and what lies outside are not read, and a source may not be one of them', async () => {
  const { core, data_dir } = await coreBench()
  const outside = folderOf({ 'outside.txt': 'unreachable treasure', '.env': 'KEY=treasure', 'keys/id_rsa': 'treasure' })
  const folder = folderOf({
    'plain.txt': 'nothing here',
    '.env': 'TOKEN=treasure',
    'server.key': 'treasure',
    '.git/config': 'treasure',
    'node_modules/dep/readme.md': 'treasure',
    '.cache/notes.md': 'treasure',
  })
  symlinkSync(outside, join(folder, 'linked'))
  symlinkSync(join(outside, 'outside.txt'), join(folder, 'linked.txt'))
  const source = await addPath(core, { path: folder })
  expect((await filesOf(core, source.id)).map(({ path }) => path)).toEqual(['plain.txt'])
  expect((await find(core, 'treasure')).items).toEqual([])
  const add = (path: string) => core.knowledge.add({ path, project_id: null, watched: false })
  expect(await add(join(outside, '.env'))).toMatchObject({ ok: false, error: { code: 'forbidden' } })
  expect(await add(join(outside, 'keys', 'id_rsa'))).toMatchObject({ ok: false, error: { code: 'forbidden' } })
  expect(await add(join(data_dir, 'baton.db'))).toMatchObject({ ok: false, error: { code: 'forbidden' } })
  expect(await add('relative.txt')).toMatchObject({ ok: false, error: { code: 'bad_request' } })
  expect(await add(join(outside, 'gone.txt'))).toMatchObject({ ok: false, error: { code: 'not_found' } })
})

test('K1 what cannot be read is noted with the reason, and what comes after it is read', async () => {
  const { core } = await coreBench()
  const folder = folderOf({
    'broken.pdf': '%PDF-1.7 and then nothing',
    'empty.md': '\n\n',
    'z-after.txt': 'still here',
  })
  const source = await addPath(core, { path: folder })
  expect(source).toMatchObject({ state: 'ready', files: 1, problems: 2 })
  const [first, second] = await filesOf(core, source.id)
  expect(first?.problem).toMatch(/damaged PDF/)
  expect(second?.problem).toBe('It has no text.')
  expect((await find(core, 'still here')).items).toHaveLength(1)
})

test('K1 the same content is there once, however often it is added, and goes with its last file', async () => {
  const { core } = await coreBench()
  const text = '# Tides\n\nSpring tides come with the new moon.\n'
  const one = await addPath(core, { path: folderOf({ 'a.md': text, 'copy/b.md': text }) })
  const two = await addPath(core, { path: folderOf({ 'c.md': text }) })
  expect(must(await core.knowledge.status())).toMatchObject({ files: 3, chunks: 1 })
  expect((await find(core, 'new moon')).items).toHaveLength(1)
  must(await core.knowledge.remove(one.id))
  expect((await find(core, 'new moon')).items[0]?.citation).toMatchObject({ source_id: two.id, path: 'c.md' })
  must(await core.knowledge.remove(two.id))
  expect(must(await core.knowledge.status())).toMatchObject({ files: 0, chunks: 0 })
})

test('K1 a watched folder is followed: new, changed, renamed and deleted files', async () => {
  const { core, data_dir } = await coreBench()
  expect(data_dir).toBeTruthy()
  const folder = folderOf({ 'first.md': 'granite' })
  const source = await addPath(core, { path: folder, watched: true })
  const sees = (word: string, paths: readonly string[]) =>
    eventually(`${word} in ${paths.join(', ')}`, async () => {
      const found = (await find(core, word)).items.map(({ citation }) => citation.path)
      return found.join() === paths.join()
    })
  await sees('granite', ['first.md'])
  writeFileSync(join(folder, 'second.md'), 'basalt')
  await sees('basalt', ['second.md'])
  writeFileSync(join(folder, 'first.md'), 'marble now')
  await sees('marble', ['first.md'])
  await sees('granite', [])
  renameSync(join(folder, 'second.md'), join(folder, 'third.md'))
  await sees('basalt', ['third.md'])
  rmSync(join(folder, 'third.md'))
  await sees('basalt', [])
  expect(must(await core.knowledge.change(source.id, false)).watched).toBe(false)
  await untilRead(core, source.id)
})

test('K1 what changed in a watched folder while no Baton lived is seen at the next start', async () => {
  const bench = await coreBench()
  const folder = folderOf({ 'a.md': 'before the flood' })
  const source = await addPath(bench.core, { path: folder, watched: true })
  await bench.close()
  writeFileSync(join(folder, 'a.md'), 'after the drought')
  await bench.reopen()
  await eventually('the new text', async () => (await find(bench.core, 'drought')).items.length === 1)
  expect((await find(bench.core, 'flood')).items).toEqual([])
  expect((await untilRead(bench.core, source.id)).files).toBe(1)
})

test('K1 S6 a project finds its own and what is everybody’s, not what is another project’s; its knowledge goes with it', async () => {
  const { core } = await coreBench()
  const make = async () => must(await core.projects.create(newProject.parse({ requirements: 'Anything' }))).id
  const [mine, other] = [await make(), await make()]
  await addPath(core, { path: folderOf({ 'own.md': 'copper kettle' }), project_id: mine })
  await addPath(core, { path: folderOf({ 'other.md': 'copper spoon' }), project_id: other })
  await addPath(core, { path: folderOf({ 'all.md': 'copper roof' }) })
  const paths = async (more: object) =>
    (await find(core, 'copper', more)).items.map(({ citation }) => citation.path).sort()
  expect(await paths({ project_id: mine })).toEqual(['all.md', 'own.md'])
  expect(await paths({})).toEqual(['all.md', 'other.md', 'own.md'])
  expect(must(await core.knowledge.list({ limit: 10, project_id: other })).items.map(({ name }) => name)).toHaveLength(
    2,
  )
  must(await core.projects.remove(other))
  expect(await paths({})).toEqual(['all.md', 'own.md'])
  expect(must(await core.knowledge.list({ limit: 10 })).items).toHaveLength(2)
})

test('K1 a file is handed over by its content, kept, and read under its name', async () => {
  const bench = await coreBench()
  const content = Buffer.from('# Locks\n\nThe sluice keeper sleeps.\n').toString('base64')
  const upload = { name: 'locks.md', project_id: null, content }
  const { id } = must(await bench.core.knowledge.upload(upload))
  expect(await untilRead(bench.core, id)).toMatchObject({ kind: 'upload', name: 'locks.md', path: null, files: 1 })
  expect((await find(bench.core, 'sluice keeper')).items[0]).toMatchObject({
    heading: 'Locks',
    citation: { title: 'locks.md', line_start: 1, line_end: 3 },
  })
  // Handed over again, it is the same source.
  expect(must(await bench.core.knowledge.upload(upload)).id).toBe(id)
  await untilRead(bench.core, id)
  await bench.close()
  rmSync(join(bench.data_dir, 'knowledge.db'))
  await bench.reopen()
  await eventually('what was lost to be read again', async () => (await find(bench.core, 'sluice')).items.length === 1)
})
