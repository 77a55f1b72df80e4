import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { Project } from '../../src-contract/project.ts'
import type { Core } from '../../src-main/core/core.ts'
import { whyNoSandboxHere } from '../../src-main/core/sandbox/sandbox-bench.ts'
import { readHeads } from '../../src-main/core/store/chain-heads.ts'
import { verifyChains } from '../../src-main/core/store/chain-verify.ts'
import { archiveOf, type Part, partsOf, type Row, withParts, withRows } from '../support/archive.ts'
import { anthropicDouble, asked, billed, type CoreBench, coreBench, must, profile } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { filesBelow } from '../support/markdown-folder.ts'

/** A project as one file, fetched in pieces as every face does. */
async function exported(core: Core, id: string): Promise<Buffer> {
  const made = must(await core.archives.export(id))
  const pieces: Buffer[] = []
  for (let offset: number | null = 0; offset !== null; ) {
    const piece: { data: string; next_offset: number | null } = must(await core.archives.read(made.id, offset))
    pieces.push(Buffer.from(piece.data, 'base64'))
    offset = piece.next_offset
  }
  must(await core.archives.discard(made.id))
  const archive = Buffer.concat(pieces)
  expect(archive.byteLength).toBe(made.bytes)
  return archive
}

async function* piecesOf(archive: Buffer, size = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < archive.byteLength; at += size) yield archive.subarray(at, at + size)
}

const imported = async (bench: CoreBench, archive: Buffer): Promise<Project> =>
  must(await bench.core.archives.import(piecesOf(archive)))

function contents(folder: string): Record<string, string> {
  return Object.fromEntries(filesBelow(folder).map((path) => [path, readFileSync(join(folder, path), 'base64')]))
}

/** A finished job of the demo model. */
async function finished(bench: CoreBench): Promise<Project> {
  const project = await bench.plan('Write a short report about gulls', { profile: 'demo', name: 'Gulls & co' })
  const [plan] = must(bench.core.projects.plans(project.id)).items
  must(await bench.core.plans.approve(plan?.id ?? '', 1_000_000))
  return bench.reaches(project.id, 'succeeded')
}

test('D3 a project goes out and comes in whole: rows, files, private history, under new ids', async () => {
  const here = await coreBench({ demo: true, git: true })
  const there = await coreBench({ demo: true, git: true })
  const before = await finished(here)
  const archive = await exported(here.core, before.id)
  await finished(there)
  const after = await imported(there, archive)

  expect(after).toMatchObject({
    name: before.name,
    state: 'succeeded',
    source_id: before.id,
    requirements: before.requirements,
  })
  expect(after.id).not.toBe(before.id)
  expect(after.workspace.startsWith(there.data_dir)).toBe(true)
  expect(contents(after.workspace)).toEqual(contents(before.workspace))
  const facts = (bench: CoreBench, id: string) =>
    bench.tasks(id).map(({ key, state, title, output, attempts }) => ({ key, state, title, output, attempts }))
  expect(facts(there, after.id)).toEqual(facts(here, before.id))
  expect(readdirSync(join(there.data_dir, 'imports'))).toEqual([])
  expect(readdirSync(join(here.data_dir, 'exports'))).toEqual([])
})

test('D3 what tasks did to files can be shown and undone after an import, and the history is a whole one', async () => {
  const here = await coreBench({ demo: true, git: true })
  const there = await coreBench({ demo: true, git: true })
  const before = await finished(here)
  const after = await imported(there, await exported(here.core, before.id))
  for (const task of there.tasks(after.id)) {
    const original = here.task(before.id, task.key)
    expect(must(await there.core.tasks.diff(task.id))).toEqual(must(await here.core.tasks.diff(original.id)))
  }
  const checkpoints = must(await there.core.projects.checkpoints(after.id, { limit: 50 })).items
  const first = checkpoints.at(-1)
  must(await there.core.projects.restore(after.id, first?.id ?? ''))
  expect(filesBelow(after.workspace).length).toBeLessThan(filesBelow(before.workspace).length)
})

test('D3 money that was spent elsewhere is history: no budget, no usage and no chain of this machine counts it', async () => {
  const double = await anthropicDouble()
  const here = await coreBench({ anthropic: double })
  const there = await coreBench({ anthropic: double })
  const { id } = await here.start([{ key: 'a' }, { key: 'b', depends_on: ['a'] }])
  const before = await here.reaches(id, 'succeeded')
  expect(before.spent_micros).toBe(billed(double))
  const archive = await exported(here.core, id)
  const after = await imported(there, archive)
  await there.core.projects.get(after.id)

  expect(after).toMatchObject({ spent_micros: 0, reserved_micros: 0, imported_micros: before.spent_micros })
  const { day, month, global } = there.core.budget.get()
  for (const scope of [day, month, global]) expect(scope).toMatchObject({ settled_micros: 0, reserved_micros: 0 })
  expect(must(await there.core.usage.summary('day')).total).toMatchObject({ calls: 0, cost_micros: 0 })
  expect(there.task(after.id, 'a').cost_micros).toBe(here.task(id, 'a').cost_micros)
  // What an approval allowed was partly used up elsewhere.
  expect(after.limit_micros).toBe((before.limit_micros ?? 0) - before.spent_micros)
  // It can go out again from there, with its history.
  expect((await imported(here, await exported(there.core, after.id))).imported_micros).toBe(before.spent_micros)

  await there.close()
  const database = new Database(join(there.data_dir, 'baton.db'), { readonly: true })
  const heads = must(readHeads(there.data_dir))
  expect(verifyChains(database, heads).findings).toEqual([])
  expect(database.prepare('SELECT count(*) FROM reservation').pluck().get()).toBe(0)
  database.close()
})

test.each([
  ['at once', false],
  ['after a restart', true],
])(
  'D3 E6 a project that was at work is paused after an import, begins nothing by itself, and goes on when told: %s',
  async (_when, restarts) => {
    const double = await anthropicDouble()
    const here = await coreBench({ anthropic: double })
    const there = await coreBench({ anthropic: double })
    for (const bench of [here, there]) must(await bench.core.models.put(profile()))
    // The task before answers twice; the next one has written its file and is stopped at its second question.
    double.script({ kind: 'answer' }, { kind: 'answer' }, { kind: 'answer' }, { kind: 'hang' })
    const { id } = await here.start([{ key: 'a' }, { key: 'b', depends_on: ['a'] }, { key: 'c', depends_on: ['b'] }])
    await eventually('the question that is never answered', () => asked(double).length === 4)
    const archive = await exported(here.core, id)
    const calls = asked(double).length
    const after = await imported(there, archive)
    await there.core.idle()

    expect(after).toMatchObject({ state: 'paused', reason: expect.stringMatching(/Resume it/) })
    expect(there.tasks(after.id).map(({ key, state }) => `${key} ${state}`)).toEqual([
      'a succeeded',
      'b ready',
      'c pending',
    ])
    const [run] = must(there.core.tasks.runs(there.task(after.id, 'b').id)).items
    expect(run).toMatchObject({ state: 'cancelled', reason: expect.stringMatching(/when the project was exported/) })
    if (restarts) await there.reopen()
    await there.core.idle()
    expect(asked(double).length).toBe(calls)
    must(await there.core.projects.resume(after.id))
    await there.reaches(after.id, 'succeeded')
    expect(must(there.core.tasks.runs(there.task(after.id, 'a').id)).items).toHaveLength(1)
    const again = must(
      there.core.runs.steps(must(there.core.tasks.runs(there.task(after.id, 'b').id)).items.at(-1)?.id ?? ''),
    )
    expect(again.filter((step) => step.reused).map((step) => step.kind)).toEqual(['model', 'tool'])
    // The rest of that task, the last task, and the summary.
    const wanted = asked(double).length - calls
    expect(wanted).toBe(1 + 2 + 1)
  },
)

test('D3 E5 a command that was under way in an exported project is not made again here before a person says so', async ({
  skip,
}) => {
  const absent = await whyNoSandboxHere()
  skip(absent !== null, absent ?? '')
  const arguments_ = { command: 'echo made >> a.md; sleep 600' }
  const double = await anthropicDouble({
    queue: [{ kind: 'answer', text: '', tool_calls: [{ name: 'run_command', arguments: arguments_ }] }],
  })
  const bench = await coreBench({ anthropic: double, git: true })
  must(await bench.core.settings.change({ command_policy: 'allow' }))
  const { id } = await bench.start([{ key: 'a', tools: ['run_command'] }])
  await eventually('what the command writes', () => existsSync(join(bench.project(id).workspace, 'a.md')))
  const after = await imported(bench, await exported(bench.core, id))
  must(await bench.core.projects.cancel(id))
  must(await bench.core.projects.resume(after.id))
  const asking = await eventually('the question', () => bench.core.approvals.list('open')[0])
  expect(asking).toMatchObject({ kind: 'repeat', tool: 'run_command', project_id: after.id })
  expect(readFileSync(join(bench.project(after.id).workspace, 'a.md'), 'utf8')).toBe('made\n')
})

test('D3 an import that cannot be ended holds up neither the start nor what others left', async () => {
  const bench = await coreBench({ demo: true })
  await bench.plan('Write a short report about gulls', { profile: 'demo', name: 'Gulls' })
  await bench.close()
  const database = new Database(join(bench.data_dir, 'baton.db'))
  database.prepare("UPDATE project SET import_key = 'damaged'").run()
  database.prepare("INSERT INTO meta (key, value) VALUES ('import damaged', '0')").run()
  database.close()
  const imports = join(bench.data_dir, 'imports')
  for (const key of ['damaged', 'thrown-away']) mkdirSync(join(imports, key), { recursive: true })
  writeFileSync(join(imports, 'damaged', 'events-left.json'), '{')
  await bench.reopen()
  expect(readdirSync(imports)).toEqual(['damaged'])
})

test('D3 an archive that is imported twice makes two projects with folders of their own', async () => {
  const bench = await coreBench({ demo: true, git: true })
  const before = await finished(bench)
  const archive = await exported(bench.core, before.id)
  const one = await imported(bench, archive)
  const two = await imported(bench, archive)
  expect(new Set([before.id, one.id, two.id]).size).toBe(3)
  expect(new Set([before.workspace, one.workspace, two.workspace]).size).toBe(3)
  expect(contents(two.workspace)).toEqual(contents(one.workspace))
})

/** Everything that an import could leave behind. */
function traces(bench: CoreBench): unknown {
  const names = (folder: string): string[] => {
    try {
      return readdirSync(join(bench.data_dir, folder)).toSorted()
    } catch {
      return []
    }
  }
  const ids = bench.core.projects.list({ limit: 50 }).items.map((project) => project.id)
  return { ids, workspaces: names('workspaces'), git: names('git'), imports: names('imports') }
}

async function refusal(bench: CoreBench, archive: Buffer): Promise<{ code: string; message: string }> {
  const answer = await bench.core.archives.import(piecesOf(archive))
  if (answer.ok) throw new Error('The archive was taken.')
  return answer.error
}

const part = (name: string, content = 'x', header: Partial<Part['header']> = {}): Part => ({
  header: { name, ...header },
  content: Buffer.from(content),
})
const add =
  (...added: Part[]) =>
  (archive: Buffer): Promise<Buffer> =>
    withParts(archive, (parts) => [...parts, ...added])
const change =
  (table: string, fields: Row) =>
  (archive: Buffer): Promise<Buffer> =>
    withRows(archive, table, ([first, ...rest]) => [{ ...first, ...fields }, ...rest])
const format = (fields: Row) => (archive: Buffer) =>
  withParts(archive, (parts) => {
    const [head] = parts
    if (head !== undefined)
      head.content = Buffer.from(JSON.stringify({ ...JSON.parse(head.content.toString()), ...fields }))
  })

/** What an archive may be in the hands of somebody who means harm, and what is said of it. */
const HOSTILE: readonly [what: string, forge: (archive: Buffer) => Promise<Buffer> | Buffer, said: RegExp][] = [
  ['a path that climbs out', add(part('workspace/../../evil.md')), /leads? out|contains ".."/],
  ['a path that climbs out of the archive', add(part('../evil.md')), /no export writes/],
  ['an absolute path', add(part('workspace//etc/evil')), /not relative|no path of a workspace/],
  ['an absolute entry', add(part('/etc/evil')), /no export writes/],
  ['a path with a backslash', add(part('workspace/a\\..\\b')), /backslash/],
  [
    'a path with a zero',
    add(part('workspace/a\u0000b')),
    /no export writes|control|twice|not what was written|own list/,
  ],
  ['a dot in a path', add(part('workspace/./b')), /no path of a workspace/],
  [
    'a symbolic link',
    add(part('workspace/link', '', { type: 'symlink', linkname: '/etc/passwd' })),
    /only plain files/,
  ],
  [
    'a hard link',
    add(part('workspace/link', '', { type: 'link', linkname: 'workspace/index.md' })),
    /only plain files/,
  ],
  ['a folder', add(part('workspace/folder', '', { type: 'directory' })), /only plain files/],
  ['a device', add(part('workspace/null', '', { type: 'character-device' })), /only plain files/],
  ['a file twice', add(part('workspace/index.md')), /twice/],
  ['a file under another file', add(part('workspace/index.md/below')), /cannot stand beside/],
  ['a secret', add(part('workspace/.env')), /no export writes/],
  ['a repository', add(part('workspace/.git/hooks/post-checkout')), /no export writes/],
  ['a hook in the private history', add(part('history/hooks/post-checkout')), /no export writes/],
  ['a configuration of the private history', add(part('history/config')), /no export writes/],
  ['settings', add(part('rows/setting.jsonl', '{"key":"budget"}')), /no export writes/],
  ['reservations', add(part('rows/reservation.jsonl', '{}')), /no export writes/],
  ['a false content of the history', add(part('history/0123456789012345678901234567890123456789')), /is damaged/],
  ['a false large text', add(part(`blobs/${'0'.repeat(64)}`)), /is damaged/],
  [
    'a large text that is no JSON',
    add(part(`blobs/${createHash('sha256').update('{').digest('hex')}`, '{')),
    /none that Baton writes/,
  ],
  ['a newer format', format({ version: 2, baton_version: '9.0' }), /Baton 9\.0.*Update Baton/],
  ['another format', format({ format: 'something' }), /not a project that Baton exported/],
  ['no format', (archive) => withParts(archive, ([, ...parts]) => parts), /not a project/],
  ['no list', (archive) => withParts(archive, (parts) => parts.slice(0, -1)), /not a project/],
  [
    'an entry behind the list',
    async (archive) => archiveOf([...(await partsOf(archive)), part('workspace/late')]),
    /behind its end/,
  ],
  [
    'an entry that the list does not name',
    async (archive) => {
      const parts = await partsOf(archive)
      return archiveOf([...parts.slice(0, -1), part('workspace/stowaway'), ...parts.slice(-1)], false)
    },
    /own list does not name/,
  ],
  [
    'a missing file',
    async (archive) =>
      archiveOf(
        (await partsOf(archive)).filter(({ header }) => header.name !== 'workspace/index.md'),
        false,
      ),
    /is missing/,
  ],
  [
    'a changed file',
    async (archive) => {
      const parts = await partsOf(archive)
      const file = parts.find(({ header }) => header.name === 'workspace/index.md')
      if (file !== undefined) file.content = Buffer.from('something else')
      return archiveOf(parts, false)
    },
    /not what was written/,
  ],
  [
    'no project',
    (archive) => withParts(archive, (parts) => parts.filter(({ header }) => header.name !== 'rows/project.jsonl')),
    /holds no project/,
  ],
  ['two projects', (archive) => withRows(archive, 'project', (rows) => [...rows, ...rows]), /more than one project/],
  ['a state that is none', change('task', { state: 'done' }), /state is not what it may be/],
  ['a number for a text', change('task', { title: 7 }), /title must be a text/],
  ['a text for a number', change('task', { position: 'first' }), /position must be a number/],
  ['negative money', change('imported_usage', { cost_micros: -5 }), /cost_micros must be a number from 0/],
  ['a moment after the end of time', change('project', { created_at: 9e15 }), /created_at is no moment/],
  ['a column that is none', change('task', { 'id = 1; DROP TABLE task; --': 1 }), /is not known here/],
  [
    'a row that lacks a column',
    (archive) => withRows(archive, 'task', (rows) => rows.map(({ title: _, ...row }) => row)),
    /title is missing/,
  ],
  ['a plan that is none', change('plan', { document: '{"title":"x"}' }), /document is not what it may be/],
  ['a task of another project', change('task', { project_id: 99 }), /names a project that is missing/],
  ['a dependency on nothing', change('task_dependency', { depends_on_id: 4_711 }), /names a task that is missing/],
  [
    'two rows with one key',
    (archive) =>
      withRows(archive, 'task', ([first, second, ...rest]) => [
        { ...first },
        { ...second, id: first?.['id'] },
        ...rest,
      ]),
    /one key/,
  ],
  [
    'two tasks with one name',
    (archive) =>
      withRows(archive, 'task', ([first, second, ...rest]) => [
        { ...first },
        { ...second, key: first?.['key'] },
        ...rest,
      ]),
    /does not fit the others/,
  ],
  ['an argument for git', change('checkpoint', { commit_oid: '--upload-pack=evil' }), /names nothing in a history/],
  [
    'a commit that is not there',
    change('checkpoint', { commit_oid: '0'.repeat(40) }),
    /commit of its private history is missing/,
  ],
  ['a changed file outside', change('file_change', { path: '../../evil' }), /leads out/],
  [
    'a large text outside',
    change('step', { input: '{"$blob":"../../../../etc/passwd","characters":1}' }),
    /large text in a way/,
  ],
  [
    'a large text that is not there',
    change('step', { input: `{"$blob":"${'a'.repeat(64)}","characters":1}` }),
    /large text that it needs is missing/,
  ],
  ['an event that is none', change('event', { type: 'project.exploded' }), /its type is not known/],
  ['an event with other data', change('event', { data: '{}' }), /its data is not that/],
  ['no gzip', () => Buffer.from('PK\x03\x04 something else entirely'), /not a project/],
  ['a gzip of something else', () => gzipSync('x'.repeat(100_000)), /not a project/],
  ['nothing', () => Buffer.alloc(0), /not a project/],
]

test('D3 whatever an archive may be in hostile hands, it is refused in words, and nothing of it is left', async () => {
  const bench = await coreBench({ demo: true, git: true })
  const archive = await exported(bench.core, (await finished(bench)).id)
  const before = traces(bench)
  for (const [what, forge, said] of HOSTILE) {
    const { code, message } = await refusal(bench, await forge(archive))
    expect(code, what).toBe('bad_request')
    expect(message, what).toMatch(/^Nothing was imported\. /)
    expect(message, what).toMatch(said)
    expect(traces(bench), what).toEqual(before)
  }
  // The forger's tools alone do no harm.
  expect(await imported(bench, await withParts(archive, () => undefined))).toMatchObject({ state: 'succeeded' })
})

test('D3 an archive that was cut short anywhere is refused', async () => {
  const bench = await coreBench({ demo: true, git: true })
  const archive = await exported(bench.core, (await finished(bench)).id)
  const before = traces(bench)
  const step = Math.ceil(archive.byteLength / 40)
  for (let end = 0; end < archive.byteLength; end += step) {
    expect((await refusal(bench, archive.subarray(0, end))).message, `${end} bytes`).toMatch(/damaged or cut short/)
  }
  expect((await refusal(bench, archive.subarray(0, -1))).message).toMatch(/damaged or cut short/)
  expect(traces(bench)).toEqual(before)
})

test('D3 an archive with a flipped bit is refused, or the bit said nothing', async () => {
  const bench = await coreBench({ demo: true, git: true })
  const { id, workspace } = await finished(bench)
  const archive = await exported(bench.core, id)
  const step = Math.ceil(archive.byteLength / 60)
  let refused = 0
  for (let at = 0; at < archive.byteLength; at += step) {
    const flipped = Buffer.from(archive)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
    const answer = await bench.core.archives.import(piecesOf(flipped))
    if (answer.ok) expect(contents(answer.value.workspace), `byte ${at}`).toEqual(contents(workspace))
    else refused += 1
  }
  // All but those in the ten bytes before the content.
  expect(refused).toBeGreaterThan(50)
})
