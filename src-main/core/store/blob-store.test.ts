import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBlobStore } from './blob-store.ts'
import { temporaryFolder } from './store-bench.ts'

test('T8 keeps any well-formed text by its hash, once', () => {
  const folder = temporaryFolder()
  const blobs = createBlobStore(folder)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      const wellFormed = text.toWellFormed()
      const hash = blobs.put(wellFormed)
      expect(blobs.put(wellFormed)).toBe(hash)
      expect(createBlobStore(folder).get(hash)).toBe(wellFormed)
    }),
    { numRuns: 50 },
  )
  const files = readdirSync(join(folder, 'blobs'), { recursive: true, withFileTypes: true }).filter((f) => f.isFile())
  expect(files.filter((file) => !/^[0-9a-f]{64}$/.test(file.name))).toEqual([])
})

test('T8 keeps a text of many megabytes whole', () => {
  const folder = temporaryFolder()
  const text = 'Eulen – owls 🦉 '.repeat(500_000)
  const hash = createBlobStore(folder).put(text)
  expect(readFileSync(join(folder, 'blobs', hash.slice(0, 2), hash), 'utf8') === text).toBe(true)
})
