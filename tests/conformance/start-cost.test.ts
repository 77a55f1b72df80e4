import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
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

/** Where the short names of `package.json` lead. */
const NAMED: readonly (readonly [prefix: string, folder: string])[] = [
  ['#contract/', 'src-contract'],
  ['#core/', 'src-main/core'],
  ['#api/', 'src-main/api'],
  ['#http/', 'src-main/http'],
]

/** What a file of ours imports before it runs: types are none, and `import()` comes later. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^(?:import|export)\s(?!type\s)[^'"]*?from '([^']+)'|^import '([^']+)'/gm)].map((found) => {
    const name = found[1] ?? found[2] ?? ''
    if (name.startsWith('.')) return join(dirname(file), name)
    const named = NAMED.find(([prefix]) => name.startsWith(prefix))
    return named === undefined ? name : join(named[1], name.slice(named[0].length))
  })
}

/** Files of ours and packages that are there when `files` run. */
function loadedBy(files: readonly string[]): Set<string> {
  const found = new Set(files)
  for (const file of found) if (file.startsWith('src-')) for (const next of importsOf(file)) found.add(next)
  return found
}

test('X2 a start loads neither hono nor what its first answer does not need', () => {
  const loaded = loadedBy([
    'src-main/headless/main.ts',
    'src-main/headless/cli/serve.ts',
    'src-main/core/create-core.ts',
  ])
  expect(loaded).toContain('better-sqlite3')
  expect(loaded).toContain('src-main/http/create-app.ts')
  const packages = [...loaded].filter((name) => !name.startsWith('src-') && !name.startsWith('node:'))
  expect(
    packages.filter((name) =>
      /^(?:@?hono|@orpc\/(?:server|openapi)|prom-client|rate-limiter-flexible|undici|ws|yaml)(?:\/|$)/.test(name),
    ),
  ).toEqual([])
})
