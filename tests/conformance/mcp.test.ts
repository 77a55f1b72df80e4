import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Approval } from '../../src-contract/approval.ts'
import { type McpConfig, type McpServer, type McpSetup, mcpSetup } from '../../src-contract/mcp.ts'
import { whyNoSandboxHere } from '../../src-main/core/sandbox/sandbox-bench.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, asked, type CoreBench, coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const absent = await whyNoSandboxHere()
const PACKAGES = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'node_modules')
const FILESYSTEM = join(PACKAGES, '@modelcontextprotocol', 'server-filesystem', 'dist', 'index.js')
const EVERYTHING = join(PACKAGES, '@modelcontextprotocol', 'server-everything', 'dist', 'index.js')
/** A server of these tests, with all the ways of being bad. */
const HOSTILE = join(dirname(fileURLToPath(import.meta.url)), '..', 'doubles', 'mcp-server.mjs')

function calls(name: string, given: Record<string, unknown>): Behaviour {
  return { kind: 'answer', text: '', tool_calls: [{ name, arguments: given }] }
}
const WRITES = calls('write_file', { path: 'note.md', content: 'By hand.\n' })
const DONE: Behaviour = { kind: 'answer', text: 'Done.' }

async function bench(queue: Behaviour[], variables: Record<string, string> = {}) {
  const anthropic = await anthropicDouble({ queue, default: DONE })
  const made = await coreBench({ anthropic, git: true, variable: (name) => variables[name] })
  const told = (): string => JSON.stringify(asked(anthropic).map(({ body }) => body))
  return { made, anthropic, told }
}

function setup(config: McpConfig, change: Partial<McpSetup> = {}): McpSetup {
  return mcpSetup.parse({ config, ...change })
}
const program = (args: string[], env: Record<string, string> = {}): McpConfig => ({ command: 'node', args, env })
/** In the sandbox it finds its packages only where it may read them. */
const READS = { folders: [PACKAGES] }

async function trust(made: CoreBench, id: string, name: string, wanted: McpSetup): Promise<McpServer> {
  const put = must(await made.core.mcp.put({ id, name, setup: wanted }))
  const hash = put.items.find((each) => each.name === name)?.hash ?? ''
  const { items } = must(await made.core.mcp.approve({ id, name, hash }))
  const found = items.find((each) => each.name === name)
  if (found === undefined) throw new Error(`There is no server ${name}`)
  return found
}

/** A project with a draft, so that servers can be trusted before its plan is approved. */
async function project(made: CoreBench): Promise<string> {
  return must(
    await made.core.projects.create({
      requirements: 'A note',
      attachments: [],
      local_only: false,
      can_wait: false,
      priority: 1,
    }),
  ).id
}

async function run(made: CoreBench, id: string, tools: string[]): Promise<void> {
  const task = { key: 'note', title: 'A note', type: 'writing', complexity: 'medium', tools, artifacts: ['note.md'] }
  const plan = must(await made.core.projects.addPlan(id, { title: 'A plan', tasks: [task] }, 'file'))
  must(await made.core.plans.approve(plan.id, 5_000_000))
}

async function question(made: CoreBench): Promise<Approval> {
  return eventually('a question', () => made.core.approvals.list('open')[0])
}

async function allow(made: CoreBench, id: string): Promise<void> {
  must(await made.core.approvals.decide({ id, decision: 'allow', remember: 'once', note: '' }))
}

describe('T7 official servers', () => {
  test('T7 the file server works in the sandbox, its changes are recorded, and it sees nothing else', async ({
    skip,
  }) => {
    skip(absent !== null, absent ?? '')
    const { made } = await bench([])
    const id = await project(made)
    const { workspace } = made.project(id)
    const files = await trust(made, id, 'files', setup(program([FILESYSTEM, workspace, '/etc']), READS))
    expect(files).toMatchObject({ state: 'trusted' })
    expect(files.does).toMatch(/^Runs node .*server-filesystem.* in the sandbox, reading/)
    expect(files.tools.map(({ name }) => name)).toContain('mcp__files__write_file')
    expect(files.tools.find(({ title }) => title === 'read_text_file')).toMatchObject({
      read_only: true,
      risk: 'execute',
    })
  })

  test('T7 T5 a call is asked about, checked against its schema, done in the sandbox and recorded', async ({
    skip,
  }) => {
    skip(absent !== null, absent ?? '')
    const { made, told } = await bench([
      calls('mcp__files__write_file', { path: 7 }),
      calls('mcp__files__write_file', { path: 'note.md', content: 'By the server.\n' }),
      calls('mcp__files__read_text_file', { path: '/etc/shadow' }),
      DONE,
    ])
    const id = await project(made)
    const { workspace } = made.project(id)
    await trust(made, id, 'files', setup(program([FILESYSTEM, workspace, '/etc']), READS))
    await run(made, id, ['mcp__files__write_file', 'mcp__files__read_text_file'])
    const open = await question(made)
    // What does not fit the schema was not asked about.
    expect(open).toMatchObject({ tool: 'mcp__files__write_file', risk: 'execute', arguments: { path: 'note.md' } })
    await allow(made, open.id)
    const next = await eventually('the second question', () =>
      made.core.approvals.list('open').find((each) => each.id !== open.id),
    )
    await allow(made, next.id)
    await made.reaches(id, 'succeeded')
    expect(readFileSync(join(workspace, 'note.md'), 'utf8')).toBe('By the server.\n')
    expect(told()).toMatch(/The arguments do not fit/)
    expect(told()).toMatch(/ENOENT[^"]*shadow|no such file[^"]*shadow/i)
    expect(told()).not.toMatch(/root:[^"]*:0:/)
    expect(told()).toMatch(/<untrusted source=/)
    const [first] = must(made.core.tasks.runs(made.task(id, 'note').id)).items
    const steps = must(made.core.runs.steps(first?.id ?? '')).filter(({ name }) => name === 'mcp__files__write_file')
    expect(steps.at(-1)?.files_changed).toEqual(['note.md'])
    await eventually('no server on record', async () => (await children(made)) === 0)
  })

  test('T7 the everything server works over HTTP', async () => {
    const url = await everythingOverHttp()
    const { made, told } = await bench([calls('mcp__all__echo', { message: 'hello owl' }), WRITES, DONE])
    const id = await project(made)
    const all = await trust(made, id, 'all', setup({ type: 'http', url, headers: {} }, { calls: 'allow' }))
    expect(all.does).toBe(`Asks ${url}.`)
    expect(all.tools.find(({ title }) => title === 'echo')).toMatchObject({ risk: 'network' })
    await run(made, id, ['mcp__all__echo'])
    await made.reaches(id, 'succeeded')
    expect(told()).toContain('hello owl')
  })
})

async function children(made: CoreBench): Promise<number> {
  const { default: Database } = await import('better-sqlite3')
  const db = new Database(join(made.data_dir, 'baton.db'), { readonly: true })
  try {
    return (
      db.prepare<[], number>("SELECT count(*) FROM child_process WHERE what LIKE 'the MCP server%'").pluck().get() ?? -1
    )
  } finally {
    db.close()
  }
}

async function everythingOverHttp(): Promise<string> {
  const port = await freePort()
  const child = spawn(process.execPath, [EVERYTHING, 'streamableHttp'], {
    env: { PATH: process.env['PATH'] ?? '', PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const seen: string[] = []
  const listens = new Promise<void>((resolve) => {
    const take = (piece: Buffer): void => {
      seen.push(piece.toString())
      if (/listening/i.test(seen.join(''))) resolve()
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
  })
  cleanup(async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  })
  await listens
  return `http://127.0.0.1:${port}/mcp`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

describe('T7 trust', () => {
  test('S7 the trail has whom a person trusted', async ({ skip }) => {
    skip(absent !== null, absent ?? '')
    const { made } = await bench([])
    const id = await project(made)
    const { hash } = await trust(made, id, 'own', setup(program([HOSTILE, 'good']), { folders: [dirname(HOSTILE)] }))
    expect(made.core.identity.audit({ limit: 10, action: 'mcp.trusted' })).toMatchObject([
      { subject: id, details: { name: 'own', hash } },
    ])
  })

  test('T7 nothing is started before a person trusts it, and a change has to be trusted again', async ({ skip }) => {
    skip(absent !== null, absent ?? '')
    const { made, told } = await bench([calls('mcp__own__hello', {}), WRITES, DONE])
    const id = await project(made)
    const { workspace } = made.project(id)
    const wanted = setup(program([HOSTILE, 'good'], { MARK: join(workspace, 'started') }), {
      folders: [dirname(HOSTILE)],
      calls: 'allow',
    })
    const { items } = must(await made.core.mcp.put({ id, name: 'own', setup: wanted }))
    expect(items).toMatchObject([{ state: 'untrusted', tools: [] }])
    expect(existsSync(join(workspace, 'started'))).toBe(false)
    const wrong = await made.core.mcp.approve({ id, name: 'own', hash: 'another' })
    expect(wrong).toMatchObject({ ok: false, error: { code: 'conflict' } })

    expect((await trust(made, id, 'own', wanted)).state).toBe('trusted')
    expect(existsSync(join(workspace, 'started'))).toBe(true)
    const other = { ...wanted, config: program([HOSTILE, 'good', 'more'], {}) }
    expect(must(await made.core.mcp.put({ id, name: 'own', setup: other })).items).toMatchObject([
      { state: 'untrusted' },
    ])
    await trust(made, id, 'own', wanted)
    await made.reopen()
    expect(must(await made.core.mcp.list(id)).items).toMatchObject([{ state: 'trusted' }])

    await run(made, id, ['mcp__own__hello'])
    await made.reaches(id, 'succeeded')
    expect(told()).toContain('Hello from the server')
    must(await made.core.mcp.remove({ id, name: 'own' }))
    expect(must(await made.core.mcp.list(id)).items).toEqual([])
  })

  test('T7 a tool that is described in another way than when it was trusted is not called', async ({ skip }) => {
    skip(absent !== null, absent ?? '')
    const { made, told } = await bench([calls('mcp__own__hello', {}), WRITES, DONE])
    const id = await project(made)
    const { workspace } = made.project(id)
    const args = [HOSTILE, 'rug', join(workspace, 'count')]
    const wanted = setup(program(args), { folders: [dirname(HOSTILE)], calls: 'allow' })
    await trust(made, id, 'own', wanted)
    await run(made, id, ['mcp__own__hello'])
    await made.reaches(id, 'succeeded')
    expect(told()).toMatch(/describes \\"hello\\" in another way/)
    expect(told()).not.toContain('Hello from the server')
    const [changed] = must(await made.core.mcp.list(id)).items
    expect(changed).toMatchObject({ state: 'changed', detail: expect.stringMatching(/hello is another/) })
  })

  test('T7 .mcp.json of a workspace is offered and never taken; its links and nonsense are not followed', async () => {
    const { made } = await bench([])
    const id = await project(made)
    const { workspace } = made.project(id)
    expect(must(await made.core.mcp.list(id)).offers).toEqual([])
    const servers = {
      good: { command: 'npx', args: ['-y', 'x'] },
      a__b: { command: 'x' },
      odd: { type: 'sse', url: 'x' },
    }
    writeFileSync(join(workspace, '.mcp.json'), JSON.stringify({ mcpServers: servers }))
    const { items, offers } = must(await made.core.mcp.list(id))
    expect(items).toEqual([])
    expect(offers).toMatchObject([
      { name: 'good', problem: '', config: { command: 'npx' } },
      { name: 'a__b', problem: expect.stringMatching(/name/) },
      { name: 'odd', config: null, problem: expect.stringMatching(/neither/) },
    ])
  })

  test('T7 only variables that a person allowed are filled in, and they are on no command line', async ({ skip }) => {
    skip(absent !== null, absent ?? '')
    const { made } = await bench([], { SECRET_TOKEN: 's3cret-value', OTHER: 'other-value' })
    const id = await project(made)
    const { workspace } = made.project(id)
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how configurations name variables
    const env = { MARK: join(workspace, 'started'), TOKEN: '${SECRET_TOKEN}' }
    const folders = { folders: [dirname(HOSTILE)] }
    const refused = setup(program([HOSTILE, 'good'], env), folders)
    const { items } = must(await made.core.mcp.put({ id, name: 'own', setup: refused }))
    const no = await made.core.mcp.approve({ id, name: 'own', hash: items[0]?.hash ?? '' })
    expect(no).toMatchObject({ ok: false, error: { message: expect.stringMatching(/SECRET_TOKEN is not among/) } })
    expect(existsSync(join(workspace, 'started'))).toBe(false)
    await trust(made, id, 'own', { ...refused, variables: ['SECRET_TOKEN'] })
    const started = JSON.parse(readFileSync(join(workspace, 'started'), 'utf8'))
    expect(started.env).toMatchObject({ TOKEN: 's3cret-value', HOME: '/tmp/home' })
    expect(started.env).not.toHaveProperty('OTHER')
    expect(JSON.stringify(started.argv)).not.toContain('s3cret')
    expect(JSON.stringify(must(await made.core.mcp.list(id)))).not.toContain('s3cret')
  })

  test('T7 outside of the sandbox only where a person said so, and never with Baton’s data or a home to read', async ({
    skip,
  }) => {
    skip(absent !== null, absent ?? '')
    const { made } = await bench([])
    const id = await project(made)
    const { workspace } = made.project(id)
    const outside = join(made.data_dir, '..', 'outside')
    mkdirSync(outside)
    const seen = async (change: Partial<McpSetup>): Promise<unknown> => {
      const env = { MARK: join(workspace, 'started'), LOOK: outside }
      await trust(made, id, 'own', setup(program([HOSTILE, 'good'], env), change))
      return JSON.parse(readFileSync(join(workspace, 'started'), 'utf8')).sees
    }
    expect(await seen({ folders: [dirname(HOSTILE)] })).toBe(false)
    expect(await seen({ sandboxed: false })).toBe(true)
    for (const folder of ['/', made.data_dir, dirname(made.data_dir)]) {
      const wanted = setup(program([HOSTILE, 'good']), { folders: [folder] })
      const { items } = must(await made.core.mcp.put({ id, name: 'own', setup: wanted }))
      const no = await made.core.mcp.approve({ id, name: 'own', hash: items[0]?.hash ?? '' })
      expect(no).toMatchObject({ ok: false, error: { message: expect.stringMatching(/holds your home or Baton/) } })
    }
  })
})

test('T5 T7 calls of a server outside of the sandbox are asked about each time, whatever was said before', async () => {
  const { made } = await bench([calls('mcp__own__hello', {}), calls('mcp__own__hello', {}), WRITES, DONE])
  const id = await project(made)
  const open = { sandboxed: false, calls: 'allow', trust_hints: true } as const
  await trust(made, id, 'own', setup(program([HOSTILE, 'good']), open))
  await run(made, id, ['mcp__own__hello'])
  const first = await question(made)
  must(await made.core.approvals.decide({ id: first.id, decision: 'allow', remember: 'project', note: '' }))
  const second = await eventually('the second question', () =>
    made.core.approvals.list('open').find((each) => each.id !== first.id),
  )
  await allow(made, second.id)
  await made.reaches(id, 'succeeded')
})

describe('T7 servers that are bad', () => {
  const bad = (mode: string, ...args: string[]): McpSetup =>
    setup(program([HOSTILE, mode, ...args]), { folders: [dirname(HOSTILE)], calls: 'allow' })

  test('T7 ten thousand tools, tools with bad names and huge schemas are left out, and it says so', async ({
    skip,
  }) => {
    skip(absent !== null, absent ?? '')
    const { made } = await bench([])
    const id = await project(made)
    const many = await trust(made, id, 'many', bad('many'))
    expect(many.tools).toHaveLength(128)
    expect(many.left_out.at(-1)?.why).toMatch(/may have 128 tools/)
    const odd = await trust(made, id, 'odd', bad('odd'))
    expect(odd.tools.map(({ name }) => name)).toEqual(['mcp__odd__read_file'])
    expect(odd.left_out.map(({ why }) => why).join(' ')).toMatch(
      /other signs.*schema is longer.*another tool of this name/,
    )
  })

  test.for([
    ['dies', /did not come to its end.*boom at the end/],
    ['floods', /did not come to its end/],
    ['garbage', /did not come to its end|Hello/],
    ['big', /more characters left out/],
    ['asks', /No elicitation for you|Hello/],
  ] as const)('T7 a server that %s in a call ends that call alone', async ([mode, said], { skip }) => {
    skip(absent !== null, absent ?? '')
    const { made, told } = await bench([calls('mcp__bad__hello', {}), WRITES, DONE])
    const id = await project(made)
    await trust(made, id, 'bad', bad(mode))
    await run(made, id, ['mcp__bad__hello'])
    await made.reaches(id, 'succeeded')
    expect(told()).toMatch(said)
    await eventually('no server on record', async () => (await children(made)) === 0)
  })

  test('E5 T7 a call that was under way when Baton ended is not made again before a person says so', async ({
    skip,
  }) => {
    skip(absent !== null, absent ?? '')
    const { made } = await bench([calls('mcp__bad__hello', {}), WRITES, DONE])
    const id = await project(made)
    const { workspace } = made.project(id)
    await trust(made, id, 'bad', bad('hangs', join(workspace, 'called')))
    await run(made, id, ['mcp__bad__hello'])
    await eventually('the call', () => existsSync(join(workspace, 'called')))
    await made.close(0)
    await made.reopen()
    const open = await question(made)
    expect(open).toMatchObject({ kind: 'repeat', tool: 'mcp__bad__hello' })
    must(await made.core.approvals.decide({ id: open.id, decision: 'deny', remember: 'once', note: '' }))
    await made.reaches(id, 'succeeded')
    expect(await children(made)).toBe(0)
  })

  test('E5 T7 one that may be repeated, by a server whose word is trusted, is made again by itself', async ({
    skip,
  }) => {
    skip(absent !== null, absent ?? '')
    const { made, told } = await bench([calls('mcp__bad__again', {}), WRITES, DONE])
    const id = await project(made)
    const { workspace } = made.project(id)
    await trust(made, id, 'bad', { ...bad('hangs-once', join(workspace, 'called')), trust_hints: true })
    await run(made, id, ['mcp__bad__again'])
    await eventually('the call', () => existsSync(join(workspace, 'called')))
    await made.close(0)
    await made.reopen()
    await made.reaches(id, 'succeeded')
    expect(made.core.approvals.list('all')).toEqual([])
    expect(told()).toContain('Hello from the server')
  })
})
