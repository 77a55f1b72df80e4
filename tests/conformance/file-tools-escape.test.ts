import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bareContext } from '#core/tool/bare-context.ts'
import { editFile } from '#core/tool/edit-file.ts'
import { listFiles } from '#core/tool/list-files.ts'
import { readFile } from '#core/tool/read-file.ts'
import { createToolRegistry } from '#core/tool/registry.ts'
import { searchFiles } from '#core/tool/search-files.ts'
import type { Tool, ToolResult } from '#core/tool/tool.ts'
import { writeFile } from '#core/tool/write-file.ts'
import { DEFAULT_FILE_RULES } from '#core/workspace/file-rules.ts'
import { openLocalWorkspace } from '#core/workspace/local-workspace.ts'
import { type EscapeWorld, escapeWorld } from '../support/escape-world.ts'

/** Ways to name what is outside or hidden; the same things that commands try to reach. */
const PATHS: readonly ((world: EscapeWorld) => string)[] = [
  ...['../secret.txt', '../victim.txt', '../home/.ssh/id_rsa', '../new.txt', 'sub/../../secret.txt'],
  ...['..', '../', './../secret.txt', '....//secret.txt', '..\\secret.txt', '%2e%2e/secret.txt', '~/.ssh/id_rsa'],
  ...['link-to-file', 'link-to-folder/secret.txt', 'link-to-folder/victim.txt', 'link-to-folder/new.txt'],
  ...['hard.txt', 'hard-secret.txt', '/proc/self/cwd/../secret.txt', '/proc/self/environ', '/dev/fd/0'],
  ...['/etc/shadow', '/etc/passwd', '//etc/shadow', 'file:///etc/shadow', '\0/etc/shadow', 'secret.txt\0'],
  ...['.env', './.env', 'sub/../.env', '.ENV', '.env.production', '.env ', '.env.', '.e\u200bnv', '.npmrc', '.NPMRC'],
  ...['deploy.key', 'DEPLOY.KEY', 'sub/credentials.json', '.git/config', '.git/HEAD', '.git/hooks/post-checkout'],
  ...['.GIT/config', '.g\u200cit/config', '.git /config', '.git./config', 'git~1/config', 'sub/.git', '.git'],
  ...['new/.git/config', '.vscode/tasks.json', '.mcp.json', 'docker.sock', 'fifo'],
].map((path) => () => path)
const ABSOLUTE = [
  (world: EscapeWorld) => `${world.outside}/secret.txt`,
  (world: EscapeWorld) => `${world.outside}/victim.txt`,
]

type Call = (name: string, given: Record<string, unknown>) => Promise<ToolResult>

async function toolsIn(world: EscapeWorld): Promise<Call> {
  const opened = await openLocalWorkspace(world.workspace, DEFAULT_FILE_RULES)
  if (!opened.ok) throw new Error(opened.error.message)
  const registry = createToolRegistry(
    [readFile, writeFile, editFile, listFiles, searchFiles] as Tool[],
    (name, cause) => {
      throw new Error(`bug in ${name}`, { cause })
    },
  )
  const context = bareContext(opened.value)
  return async (name, given) => {
    const call = registry.open(name, given)
    if (!call.ok) return call.error
    const prepared = await call.value.prepare(context)
    return prepared.ok ? call.value.execute(context, prepared.value) : prepared.error
  }
}

/** The paths that a file may be made under: they name nothing that is hidden. */
const HARMLESS = new Set(['%2e%2e/secret.txt', 'fifo'])

test.for([...PATHS, ...ABSOLUTE].map((path, index) => [String(index + 1).padStart(2, '0'), path] as const))(
  'T3 file tools, escape %s',
  async ([, pathIn]) => {
    const world = await escapeWorld()
    const call = await toolsIn(world)
    const path = pathIn(world)
    const results = [
      await call('read_file', { path }),
      await call('search_files', { pattern: 'secret', path }),
      await call('list_files', { path }),
      await call('edit_file', { path, old_text: 'untouched', new_text: 'touched' }),
      await call('write_file', { path, content: 'touched\n' }),
    ]
    const said = results.map(({ text }) => text).join('\n')
    expect({ path, breaches: world.breaches(said) }).toEqual({ path, breaches: [] })
    expect({ path, refused: results.at(-1)?.is_error }).toEqual({ path, refused: !HARMLESS.has(path) })
  },
)

test('T3 nothing hidden is listed or found where everything is asked for', async () => {
  const world = await escapeWorld()
  const call = await toolsIn(world)
  const listed = await call('list_files', {})
  const found = await call('search_files', { pattern: 'secret' })
  expect(listed.text).toContain('plain.txt')
  expect(world.breaches(listed.text + found.text)).toEqual([])
  expect(listed.text).not.toMatch(/\.env|\.git|\.npmrc|deploy\.key|credentials|secret\.txt/)
})

/** The tools make the folder anew where it is gone for a moment; then a step of the swap has nothing to do. */
function inPassing(step: () => void): void {
  try {
    step()
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    if (!['EEXIST', 'ENOENT', 'ENOTEMPTY', 'EISDIR', 'ENOTDIR'].includes(code)) throw cause
  }
}

test('T3 a folder that is swapped for a link again and again while files are written leads nowhere', async () => {
  const world = await escapeWorld()
  const call = await toolsIn(world)
  const { workspace, outside } = world
  const [folder, aside] = [join(workspace, 'swap'), join(workspace, 'aside')]
  mkdirSync(folder)
  writeFileSync(join(folder, 'victim.txt'), 'inside\n')
  let isSwapping = true
  const swapping = (async () => {
    while (isSwapping) {
      inPassing(() => renameSync(folder, aside))
      inPassing(() => symlinkSync(outside, folder))
      await new Promise(setImmediate)
      inPassing(() => rmSync(folder, { recursive: true, force: true }))
      inPassing(() => renameSync(aside, folder))
      await new Promise(setImmediate)
    }
  })()
  const said: string[] = []
  for (let round = 0; round < 200; round += 1) {
    said.push((await call('write_file', { path: 'swap/victim.txt', content: `round ${round}\n` })).text)
    said.push((await call('read_file', { path: 'swap/secret.txt' })).text)
  }
  isSwapping = false
  await swapping
  expect(world.breaches(said.join('\n'))).toEqual([])
})
