import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

test('X2 no file of the program makes an Intl object while it is loaded: its tables take a tenth of a whole start', () => {
  const files = globSync(['src-main/**/*.ts', 'src-contract/**/*.ts'], { cwd: root }).filter(
    (file) => !file.endsWith('.test.ts'),
  )
  expect(files.length).toBeGreaterThan(100)
  // At the left edge stands what runs when the file is loaded.
  const makes = files.filter((file) =>
    /^(?:export )?const .*= new Intl\./m.test(readFileSync(join(root, file), 'utf8')),
  )
  expect(makes).toEqual([])
})
