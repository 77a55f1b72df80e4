import { expect, test } from 'vitest'
import { processStart } from '../process/process-start.ts'
import { storeBench } from '../store/store-bench.ts'
import { createLeaseStats } from './lease-stats.ts'
import { createLeaseStore } from './lease-store.ts'
import { createLeases } from './leases.ts'
import { createWriteScopes, writePaths } from './write-scopes.ts'

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }

function scopeBench() {
  const { store, events } = storeBench()
  const rows = createLeaseStore(store)
  const leases = createLeases(store, rows, createLeaseStats(store), events, SILENT)
  const self = { pid: process.pid, started: processStart(process.pid) }
  return { store, scopes: createWriteScopes(leases, rows, self) }
}

test('L2 takes patterns as the folder before their first wildcard', () => {
  expect(writePaths(['./a.md', 'b/c.md'], ['docs/**', 'src/*.ts', 'x?.md', 'lib/'])).toEqual([
    'a.md',
    'b/c.md',
    'docs/',
    'src/',
    '',
    'lib/',
  ])
})

test.each([
  ['index.md', 'index.md', true],
  ['index.md', 'INDEX.md', true],
  ['birds/owl.md', 'birds/', true],
  ['birds/', 'birds/owl.md', true],
  ['birds', 'birds/owl.md', true],
  ['', 'anything.md', true],
  ['birds/owl.md', 'birds/owl.md.bak', false],
  ['birds/', 'birdsong.md', false],
  ['a.md', 'b.md', false],
])('L2 two tasks that write %j and %j run together: not %j', async (held, wanted, conflicts) => {
  const { store, scopes } = scopeBench()
  const claim = (title: string, path: string) => ({ project_id: 7, title, paths: [path] })
  await store.write((tx) => scopes.take(tx, claim('Owl', held), 3))
  const why = scopes.conflict(claim('Index', wanted))
  if (conflicts) expect(why).toContain('"Owl"')
  else expect(why).toBeNull()
  expect(scopes.conflict({ ...claim('Index', wanted), project_id: 8 })).toBeNull()
  await store.write((tx) => scopes.release(tx, 3))
  expect(scopes.conflict(claim('Index', wanted))).toBeNull()
})

test('L2 a run that stops and goes on in one turn gives its paths back when it ends', async () => {
  const { store, scopes } = scopeBench()
  const claim = { project_id: 7, title: 'Owl', paths: ['owl.md'] }
  await store.write((tx) => scopes.take(tx, claim, 3))
  await store.write((tx) => {
    scopes.release(tx, 3)
    scopes.take(tx, claim, 3)
  })
  expect(scopes.conflict(claim)).toContain('"Owl"')
  await store.write((tx) => scopes.release(tx, 3))
  expect(scopes.conflict(claim)).toBeNull()
})

test('L2 of many claims those go together that exclude no other, the first first, and no more than asked for', async () => {
  const { store, scopes } = scopeBench()
  const claim = (title: string, ...paths: string[]) => ({ project_id: 1, title, paths })
  await store.write((tx) => scopes.take(tx, claim('running', 'held/'), 7))
  const claims = [
    claim('locked out', 'held/a.md'),
    claim('first', 'src/'),
    claim('behind the first', 'SRC/main.ts'),
    claim('second', 'docs/a.md'),
    claim('third', 'docs/b.md'),
  ]
  const titles = (limit: number) => scopes.together(1, claims, limit).map(({ title }) => title)
  expect(titles(10)).toEqual(['first', 'second', 'third'])
  expect(titles(2)).toEqual(['first', 'second'])
  await store.write((tx) => scopes.release(tx, 7))
  expect(titles(1)).toEqual(['locked out'])
})
