import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { allowed, cycleEnd, typeViolations, violations } from './architecture-plants.ts'

// Plants each forbidden thing in a copy of the house's settings (not of its code) and sees the real tools refuse it.

const root = dirname(dirname(import.meta.dirname))
const projects = ['src-contract', 'src-main/core', 'src-main/api', 'src-main/http', 'src-preload', 'src-renderer']

async function plant(house: string, file: string, content: string): Promise<void> {
  await mkdir(dirname(join(house, file)), { recursive: true })
  await writeFile(join(house, file), content)
}

/** A folder with the house's settings and packages, the allowed files and none of its code. */
async function buildHouse(): Promise<string> {
  const house = await mkdtemp(join(tmpdir(), 'baton-house-'))
  // The compiler writes into node_modules/.cache: the copy has a folder of its own, with the real packages in it.
  await mkdir(join(house, 'node_modules'))
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name !== '.cache') await symlink(join(root, 'node_modules', name), join(house, 'node_modules', name))
  }
  const settings = ['biome.json', '.gitignore', 'package.json', 'tsconfig.base.json']
  const settingsOfProjects = projects.map((project) => `${project}/tsconfig.json`)
  for (const file of [...settings, ...settingsOfProjects, 'src-main/core/electron-is-not-for-core.d.ts']) {
    await mkdir(dirname(join(house, file)), { recursive: true })
    await cp(join(root, file), join(house, file))
  }
  for (const [file, content] of Object.entries(allowed)) await plant(house, file, content)
  return house
}

/** Runs a tool of this checkout in the copy; resolves to what it printed and whether it was content. */
function run(house: string, program: string, args: string[]): Promise<{ content: boolean; output: string }> {
  return new Promise((resolve) => {
    const file = join(root, 'node_modules', '.bin', program)
    execFile(file, args, { cwd: house, maxBuffer: 64 * 1024 * 1024 }, (fault, output) =>
      resolve({ content: fault === null, output }),
    )
  })
}

const biomeReport = z.object({
  diagnostics: z.array(z.object({ category: z.string(), location: z.object({ path: z.string() }) })),
})

async function lint(house: string): Promise<{ rule: string; file: string }[]> {
  const { output } = await run(house, 'biome', ['lint', '--reporter=json', '--max-diagnostics=none', '.'])
  return biomeReport
    .parse(JSON.parse(output))
    .diagnostics.map(({ category, location }) => ({ rule: category, file: relative('.', location.path) }))
}

async function coreFolders(): Promise<string[]> {
  const entries = await readdir(join(root, 'src-main/core'), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => `src-main/core/${entry.name}`)
}

let lintHouse = ''
let typeHouse = ''
let refusals: { rule: string; file: string }[] = []

beforeAll(async () => {
  lintHouse = await buildHouse()
  typeHouse = await buildHouse()
  await plant(lintHouse, cycleEnd, "import { whole } from './circle.ts'\nexport const half = () => whole()\n")
  for (const { file, content } of Object.values(violations)) await plant(lintHouse, file, content)
  for (const folder of await coreFolders())
    await plant(lintHouse, `${folder}/has-a-floor.ts`, "import '../create-core.ts'\n")
  refusals = await lint(lintHouse)
})

afterAll(async () => {
  for (const house of [lintHouse, typeHouse]) await rm(house, { recursive: true, force: true })
})

for (const [name, { rule, file }] of Object.entries(violations)) {
  test(`House refuses ${name} (Biome)`, () => {
    expect(refusals.filter((refusal) => refusal.file === file).map((refusal) => refusal.rule)).toContain(rule)
  })
}

test('House lets each folder do what it is there for (Biome)', () => {
  expect(refusals.filter((refusal) => Object.keys(allowed).includes(refusal.file))).toEqual([])
})

test('House gives every folder of core a floor', async () => {
  const folders = await coreFolders()
  const refused = refusals.filter((refusal) => refusal.file.endsWith('/has-a-floor.ts'))
  expect(folders).toContain('src-main/core/model')
  expect(refused.map((refusal) => dirname(refusal.file)).sort()).toEqual(folders.sort())
})

test('House lets each folder do what it is there for (types)', async () => {
  for (const project of projects) {
    const { content, output } = await run(typeHouse, 'tsc', ['-b', project])
    expect(output).toBe('')
    expect(content).toBe(true)
  }
})

for (const [name, { project, file, content, says }] of Object.entries(typeViolations)) {
  test(`House refuses ${name} (types)`, async () => {
    await plant(typeHouse, file, content)
    try {
      const compiled = await run(typeHouse, 'tsc', ['-b', project])
      expect(compiled.content).toBe(false)
      expect(compiled.output).toContain(file)
      expect(compiled.output).toMatch(says)
    } finally {
      await rm(join(typeHouse, file))
    }
  })
}
