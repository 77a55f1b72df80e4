import { expect, test } from 'vitest'
import { encodeId } from '#contract/ids.ts'
import { storeBench } from '../store/store-bench.ts'
import { createProjectView } from './project-view.ts'

test('A6 a project that is asked for again is as the last commit left it, whatever was read meanwhile', async () => {
  const { store, project } = storeBench()
  const key = project()
  const id = encodeId('project', key)
  // As the settings do, which are renewed when a commit is told of.
  let limit = 5
  const view = createProjectView(store, () => limit)
  const seen = () => {
    const found = view.get(id)
    return found.ok ? [found.value.name, found.value.limit_micros] : found.error.code
  }
  const rename = store.sqlite.prepare('UPDATE project SET name = ? WHERE id = ?')
  expect(seen()).toEqual(['A project', 5])

  await store.write((tx) => {
    rename.run('Renamed', key)
    expect(seen()).toEqual(['Renamed', 5])
    tx.afterCommit(() => {
      // A listener that comes before the one that renews the limit.
      expect(seen()).toEqual(['Renamed', 5])
      limit = 7
    })
  })
  expect(seen()).toEqual(['Renamed', 7])

  const bug = store.write(() => {
    rename.run('Never', key)
    expect(seen()).toEqual(['Never', 7])
    throw new Error('a bug')
  })
  await expect(bug).rejects.toThrow('a bug')
  expect(seen()).toEqual(['Renamed', 7])

  await store.write(() => void store.sqlite.prepare('DELETE FROM project WHERE id = ?').run(key))
  expect(seen()).toBe('not_found')
})
