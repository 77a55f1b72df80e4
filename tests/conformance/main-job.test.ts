import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type Baton, createBaton, resultOf } from '../support/baton-process.ts'
import { readBooks } from '../support/books.ts'
import { billedMicros, modelCalls, startDoubleProcess } from '../support/double-process.ts'
import { deadLinks, filesBelow, linksOf } from '../support/markdown-folder.ts'

const BIRDS =
  'Write a field guide to the birds of Lake Constance: one markdown file per bird for twelve birds, an index with links, and a glossary'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function baton(servers: Parameters<typeof createBaton>[0] = {}): Baton {
  const made = createBaton(servers)
  cleanups.push(made.close)
  return made
}

async function double(...args: Parameters<typeof startDoubleProcess>) {
  const made = await startDoubleProcess(...args)
  cleanups.push(made.close)
  return made
}

function expectFieldGuide(workspace: string, artifacts: readonly string[]): void {
  const files = filesBelow(workspace)
  const birds = files.filter((path) => /^birds\/[^/]+\.md$/.test(path))
  expect(birds).toHaveLength(12)
  expect(files).toEqual(expect.arrayContaining(['index.md', 'glossary.md']))
  expect(artifacts.toSorted()).toEqual(files)
  for (const path of files) expect(readFileSync(join(workspace, path), 'utf8').trim()).not.toBe('')
  expect(deadLinks(workspace)).toEqual([])
  expect(linksOf(join(workspace, 'index.md'))).toEqual(expect.arrayContaining(birds))
}

/** The rows of the cost table as `model → cost text`, the total under `total`. */
function costTable(stdout: string): Map<string, string> {
  const start = stdout.search(/^ +model +calls/m)
  const rows = stdout.slice(start).split('\n').slice(1)
  const cells = rows.slice(0, rows.indexOf('')).map((row) => row.trim().split(/\s{2,}/))
  return new Map(cells.map((row) => [row[0] ?? '', row.at(-1) ?? '']))
}

test('R2 the demo model carries out the whole job without network, key or cost', async () => {
  const cli = baton()
  const end = await cli.run(['run', BIRDS, '--yes', '--profile', 'demo', '--json'])
  expect(end.code, end.stderr).toBe(0)
  const result = resultOf(end)
  expect(result).toMatchObject({ status: 'succeeded', cost_usd: 0 })
  expectFieldGuide(result.workspace, result.artifacts)
  expect(readBooks(cli.data_dir).usage_micros).toBe(0)
})

test('E1 Ollama as the only provider carries out the whole job for nothing', async () => {
  const ollama = await double('ollama')
  const cli = baton({ ollama: ollama.url })
  const end = await cli.run(['run', BIRDS, '--yes', '--json'])
  expect(end.code, end.stderr).toBe(0)
  const result = resultOf(end)
  expect(result).toMatchObject({ status: 'succeeded', cost_usd: 0, tasks: { total: 14, succeeded: 14 } })
  expectFieldGuide(result.workspace, result.artifacts)
  const report = await ollama.report()
  // One model, one place on the GPU (E2): calls follow each other.
  expect(report.max_concurrent).toBe(1)
  for (const { body } of modelCalls(report)) {
    expect(body).toMatchObject({ options: { num_ctx: expect.any(Number) as number }, truncate: false })
  }
  expect(readBooks(cli.data_dir)).toMatchObject({ usage_micros: 0, reserved_micros: 0 })
})

test('B2 the budget, the usage, the cost table and the bill of Anthropic agree to the micro-dollar', async () => {
  const anthropic = await double('anthropic')
  const cli = baton({ anthropic: anthropic.url })
  const end = await cli.run(['run', BIRDS, '--yes', '--budget', '0.50'])
  expect(end.code, end.stderr).toBe(0)
  const workspace = join(cli.data_dir, 'workspaces', 'prj_1')
  expectFieldGuide(workspace, filesBelow(workspace))

  const report = await anthropic.report()
  const billed = billedMicros(report)
  expect(billed).toBeGreaterThan(0)
  const books = readBooks(cli.data_dir)
  expect(books).toMatchObject({
    usage_micros: billed,
    settled_micros: billed,
    reserved_micros: 0,
    unconfirmed_micros: 0,
    open_reservations: 0,
  })
  expect(books.highest_of_a_project_micros).toBeLessThanOrEqual(500_000)

  const table = costTable(end.stdout)
  const dollars = (text: string) => Number(text.replace('$', ''))
  const total = dollars(table.get('total') ?? '')
  table.delete('total')
  expect(table.size).toBe(2)
  expect(total).toBeCloseTo(billed / 1e6, 4)
  expect([...table.values()].reduce((sum, cost) => sum + dollars(cost), 0)).toBeCloseTo(total, 3)
  const used = await cli.run(['usage', '--json'])
  expect(used.stdout).toContain(`"cost_micros":${billed}`)
})

const requirements: [string, string][] = [
  ['German', 'Schreibe drei kurze Notizen über Störche und ihre Nester am Bodensee 🐦'],
  ['Japanese', '渡り鳥について三つの短いノートを書いてください 🦆'],
  ['Arabic', 'اكتب ثلاث ملاحظات قصيرة عن طيور البحيرة 🦢'],
  ['one character', '鳥'],
  ['200,000 characters', `Write notes about gulls. ${'Gulls are birds. '.repeat(12_000)}`.slice(0, 200_000)],
]
test.each(requirements)('P1 takes requirements in %s', async (_name, text) => {
  const ollama = await double('ollama')
  const cli = baton({ ollama: ollama.url })
  for (const [project, args] of [
    ['prj_1', ['--profile', 'demo']],
    ['prj_2', []],
  ] as const) {
    const end = await cli.run(['run', '-', '--yes', '--json', ...args], { stdin: text })
    expect(end.code, end.stderr).toBe(0)
    const result = resultOf(end)
    expect(result).toMatchObject({ status: 'succeeded', project_id: project })
    expect(result.artifacts.length).toBeGreaterThan(0)
    expect(deadLinks(result.workspace)).toEqual([])
  }
  const [plan] = modelCalls(await ollama.report())
  expect(JSON.stringify(plan?.body)).toContain(JSON.stringify(text.slice(0, 40)).slice(1, -1))
})

test.each([
  ['empty', ''],
  ['blank', ' \n\t '],
])('P1 refuses %s requirements as wrong usage', async (_name, text) => {
  const cli = baton()
  for (const given of [
    { args: ['run', text, '--yes', '--profile', 'demo'], stdin: '' },
    { args: ['run', '-', '--yes', '--profile', 'demo'], stdin: text },
  ]) {
    const end = await cli.run(given.args, { stdin: given.stdin })
    expect(end.code).toBe(2)
    expect(end.stderr).toContain('the requirements are empty')
  }
})

test('P1 refuses 200,001 characters and says what to do instead', async () => {
  const end = await baton().run(['run', '-', '--yes', '--profile', 'demo'], { stdin: 'a'.repeat(200_001) })
  expect(end.code).toBe(2)
  expect(end.stderr).toMatch(/at most 200,?000 characters.*attach/is)
})

test('P1 takes an attached text file of 5 MB, keeps it whole and never sends it whole', async () => {
  const ollama = await double('ollama')
  const cli = baton({ ollama: ollama.url })
  const text = `first line\n${'A swan was seen near the shore. '.repeat(160_000)}\nlast line\n`
  expect(text.length).toBeGreaterThan(5_000_000)
  writeFileSync(join(cli.folder, 'sightings.txt'), text)
  const end = await cli.run(['run', 'Sum up the attached sightings', '--file', 'sightings.txt', '--yes', '--json'])
  expect(end.code, end.stderr).toBe(0)
  const { workspace } = resultOf(end)
  expect(readFileSync(join(workspace, 'inputs', 'sightings.txt'), 'utf8')).toBe(text)
  const calls = modelCalls(await ollama.report())
  expect(JSON.stringify(calls[0]?.body)).toContain('first line')
  for (const call of calls) expect(JSON.stringify(call.body).length).toBeLessThan(200_000)
})
