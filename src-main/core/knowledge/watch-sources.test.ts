import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSourceWatch } from './watch-sources.ts'

const SILENT = { info() {}, warn() {}, error() {} }

function manyFolders(): string {
  const root = mkdtempSync(join(tmpdir(), 'baton-watched-'))
  for (let number = 0; number < 300; number++) mkdirSync(join(root, `folder-${number}`))
  return root
}

test('K1 forgetting a folder that is still walked leaves nobody waiting', async () => {
  const watch = createSourceWatch(() => undefined, SILENT)
  const following = watch.follow(1, manyFolders())
  // Its library has to be loaded before there is anything to forget.
  await import('chokidar')
  await watch.forget(1)
  await following
  await watch.close()
})

test('K1 nothing is followed once it is closed', async () => {
  const root = manyFolders()
  let changes = 0
  const watch = createSourceWatch(() => changes++, SILENT)
  const following = watch.follow(1, root)
  await watch.close()
  await following
  writeFileSync(join(root, 'new.txt'), 'new')
  // Another that lives sees it: by then the closed one would have, too.
  let seen = 0
  const living = createSourceWatch(() => seen++, SILENT)
  await living.follow(1, root)
  writeFileSync(join(root, 'newer.txt'), 'newer')
  await expect.poll(() => seen).toBeGreaterThan(0)
  expect(changes).toBe(0)
  await living.close()
})
