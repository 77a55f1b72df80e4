import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

type BuildState = { isCheckout(root: string): boolean; isStale(root: string): boolean; stampFile(root: string): string }

const root = dirname(dirname(import.meta.dirname))
const { isCheckout, isStale, stampFile } = createRequire(import.meta.url)('../../bin/build-state.cjs') as BuildState
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-launcher-'))
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(file: string, content: string, seconds: number): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), content)
  utimesSync(join(folder, file), seconds, seconds)
  for (let parent = dirname(file); parent !== '.'; parent = dirname(parent)) {
    utimesSync(join(folder, parent), seconds, seconds)
  }
}

/** Runs the launcher of the package in `folder`, as the Node of the given version where one is given. */
function launch(args: string[], version?: string): { status: number | null; stdout: string; stderr: string } {
  const pretend = join(folder, 'pretend.cjs')
  const versions = JSON.stringify({ node: version })
  writeFileSync(pretend, `Object.defineProperty(process, 'versions', { value: ${versions} })`)
  const node = version === undefined ? [] : ['--require', pretend]
  return spawnSync(process.execPath, [...node, join(folder, 'bin', 'baton.cjs'), ...args], { encoding: 'utf8' })
}

for (const version of ['20.20.2', '22.11.0', '8.17.0']) {
  test(`X4 refuses Node ${version} with a sentence before anything loads`, () => {
    write('out/main/cli.js', "console.log('loaded')", 1)
    const { status, stdout, stderr } = launch(['doctor'], version)
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^Baton needs Node 22\.12 or newer, and this is Node .*\n$/)
    expect(stderr).toContain(version)
  })
}

for (const version of ['22.12.0', '24.0.0']) {
  test(`X4 lets Node ${version} start`, () => {
    write('package.json', '{"type":"module"}', 1)
    write('out/main/cli.js', 'console.log(process.argv.slice(2).join())', 1)
    expect(launch(['projects', '--json'], version)).toMatchObject({
      status: 0,
      stdout: 'projects,--json\n',
      stderr: '',
    })
  })
}

test('X2 says what is missing where a package came without its program', () => {
  const { status, stdout, stderr } = launch(['projects'])
  expect(status).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/cli\.js is missing.*reinstall/)
})

test('X2 runs an installed package without looking for sources', () => {
  expect(isCheckout(folder)).toBe(false)
  expect(isCheckout(root)).toBe(true)
})

test('X2 builds a checkout when a source is newer than the build, and not for a test', () => {
  write('src-main/core/a.ts', '', 1000)
  write('src-contract/b.ts', '', 1000)
  expect(isStale(folder)).toBe(true)
  write('out/.built', '', 2000)
  expect(stampFile(folder)).toBe(join(folder, 'out', '.built'))
  expect(isStale(folder)).toBe(false)
  writeFileSync(join(folder, 'src-contract', 'b.ts'), 'export {}')
  utimesSync(join(folder, 'src-contract', 'b.ts'), 3000, 3000)
  expect(isStale(folder)).toBe(true)
  utimesSync(join(folder, 'src-contract', 'b.ts'), 1000, 1000)
  write('src-main/core/a.test.ts', '', 1000)
  utimesSync(join(folder, 'src-main', 'core', 'a.test.ts'), 3000, 3000)
  expect(isStale(folder)).toBe(false)
})

test('X2 builds a checkout again after a source was deleted', () => {
  write('src-main/core/a.ts', '', 1000)
  write('src-main/core/gone.ts', '', 1000)
  write('out/.built', '', 2000)
  expect(isStale(folder)).toBe(false)
  rmSync(join(folder, 'src-main', 'core', 'gone.ts'))
  expect(isStale(folder)).toBe(true)
})
