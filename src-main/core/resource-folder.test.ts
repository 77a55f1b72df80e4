import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { resourceFolder } from './resource-folder.ts'

test('House finds resources/ beside the package file from the sources', () => {
  const folder = resourceFolder()
  expect(basename(folder)).toBe('resources')
  expect(existsSync(join(dirname(folder), 'src-contract'))).toBe(true)
})
