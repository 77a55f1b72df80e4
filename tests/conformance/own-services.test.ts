import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import type { StartCommand } from '../../src-contract/service-start.ts'
import { processStart } from '../../src-main/core/process/process-start.ts'
import { cleanup } from '../support/cleanup.ts'
import { cliLook } from '../support/cli-look.ts'
import { type CoreBench, coreBench, must, ollamaDouble } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { startSharedCard } from '../support/gpu-bench.ts'

const DOUBLE = join(import.meta.dirname, '..', 'doubles', 'ollama-double.ts')

/** A port that nobody has, and how a server is started there. */
async function ownOllama(when: StartCommand['when']): Promise<{ url: string; start: StartCommand }> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'baton-own-'))
  cleanup(async () => rmSync(folder, { recursive: true, force: true }))
  // It does not end with its input, as real servers do not; and it is asked through no shell that would read this.
  const script = `const { startOllamaDouble } = await import(${JSON.stringify(DOUBLE)})
    console.log((await startOllamaDouble({ port: ${port} })).url, "$HOME; exit 1")`
  const command = [process.execPath, '--input-type=module', '-e', script]
  return { url: `http://127.0.0.1:${port}`, start: { command, folder, when } }
}

const ENVIRONMENT = { PATH: process.env['PATH'] ?? '', HOME: tmpdir() }

function serviceOf({ core }: CoreBench, name: string) {
  const found = core.services.list().find((service) => service.name === name)
  if (found === undefined) throw new Error(`There is no service ${name}`)
  return found
}

function isAlive(pid: number): boolean {
  return processStart(pid) !== null
}

const LOCAL = ['a', 'b'].map((key) => ({ key, tier: 'local' as const }))

describe('a server that Baton starts', () => {
  test('H4 H2 is started when work needs it, its log is kept, it is restarted when asked, and it ends with Baton', async () => {
    const { url, start } = await ownOllama('on_demand')
    const bench = await coreBench({ ollama: url, service_environment: ENVIRONMENT })
    must(await bench.core.services.setStart('ollama', start))
    expect(serviceOf(bench, 'ollama')).toMatchObject({ state: 'down', own: { state: 'not_started', start } })
    const { id } = await bench.start(LOCAL)
    await bench.reaches(id, 'succeeded')
    const first = serviceOf(bench, 'ollama').own?.pid ?? 0
    expect(serviceOf(bench, 'ollama')).toMatchObject({ state: 'healthy', own: { state: 'running' } })
    expect(must(bench.core.services.log('ollama')).lines.join('\n')).toContain(`${url} $HOME; exit 1`)
    expect(await cliLook(bench, 'services', 'log', 'ollama')).toContain(url)

    expect(await cliLook(bench, 'services', 'restart', 'ollama')).toContain('Ollama was restarted.')
    const second = serviceOf(bench, 'ollama').own?.pid ?? 0
    expect(second).not.toBe(first)
    expect(isAlive(first)).toBe(false)
    const again = await bench.start(LOCAL)
    await bench.reaches(again.id, 'succeeded')

    expect(isAlive(second)).toBe(true)
    await bench.close()
    expect(isAlive(second)).toBe(false)
    await bench.reopen()
    const types = bench.core.events.list({ type: 'service.process' }, 100).items.map((event) => event.data)
    expect(types.map((data) => ('state' in data ? data.state : ''))).toEqual(['started', 'ended', 'started'])
  })

  test('H4 P2 is started for a plan, and at the start of a Baton that stays', async () => {
    const { url, start } = await ownOllama('on_demand')
    const bench = await coreBench({ ollama: url, service_environment: ENVIRONMENT })
    must(await bench.core.services.setStart('ollama', start))
    const { id } = await bench.plan('Write about gulls', { local_only: true })
    expect(bench.project(id).state).toBe('awaiting_approval')
    must(await bench.core.services.setStart('ollama', { ...start, when: 'at_start' }))
    await bench.reopen()
    await eventually('it runs without being needed', () => serviceOf(bench, 'ollama').state === 'healthy')
    expect(must(await bench.core.services.stop('ollama')).action).toBe('stopped')
    expect(serviceOf(bench, 'ollama').own).toMatchObject({ state: 'ended', detail: 'Stopped by Baton.' })
  })

  test('H4 that cannot be started is told with its last words and left alone for a while; the work waits', async () => {
    const { url, start } = await ownOllama('on_demand')
    const bench = await coreBench({ ollama: url, service_environment: ENVIRONMENT })
    const command = [process.execPath, '-e', 'console.error("no model folder"); process.exit(3)']
    must(await bench.core.services.setStart('ollama', { ...start, command }))
    const { id } = await bench.start(LOCAL)
    await bench.reaches(id, 'waiting')
    const ended = () => serviceOf(bench, 'ollama').own?.detail ?? ''
    await eventually('its end', () => ended() !== '')
    expect(ended()).toMatch(/ended by itself with code 3 .*last words: no model folder/)
    must(await bench.core.projects.resume(id))
    await bench.reaches(id, 'waiting')
    expect(bench.core.events.list({ type: 'service.process' }, 100).items).toHaveLength(2)

    must(await bench.core.services.setStart('ollama', { ...start, command: ['no-such-program'] }))
    must(await bench.core.services.restart('ollama', false))
    await eventually('its end', () => /no-such-program/.test(ended()))
    must(await bench.core.services.setStart('ollama', start))
    must(await bench.core.services.restart('ollama', false))
    await bench.reaches(id, 'succeeded')
  })

  test('H4 E5 a server of a core that was killed is ended by the next one before work goes on', async () => {
    const { url, start } = await ownOllama('on_demand')
    const script = `
      import { createCore } from ${JSON.stringify(join(import.meta.dirname, '..', '..', 'src-main', 'core', 'create-core.ts'))}
      const [data_dir, url, start] = process.argv.slice(2)
      const made = await createCore({ data_dir, version: '0', ollama_host: url, demo: false, service_environment: ${JSON.stringify(ENVIRONMENT)} })
      const { services } = made.value
      await services.setStart('ollama', JSON.parse(start))
      await services.restart('ollama', false)
      console.log(services.list().find((each) => each.name === 'ollama').own.pid)
      setInterval(() => undefined, 1000)
    `
    const bench = await coreBench({ ollama: url, service_environment: ENVIRONMENT })
    await bench.close()
    const file = join(start.folder ?? tmpdir(), 'killed.mts')
    writeFileSync(file, script)
    const child = spawn(process.execPath, [file, bench.data_dir, url, JSON.stringify(start)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const pid = Number(line)
    expect(isAlive(pid)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'close')
    await bench.reopen()
    expect(isAlive(pid)).toBe(false)
    const { id } = await bench.start(LOCAL)
    await bench.reaches(id, 'succeeded')
    expect(serviceOf(bench, 'ollama').own?.pid).not.toBe(pid)
  })
})

describe('a server that somebody else has started', () => {
  test('H4 is not restarted; with consent its models are unloaded, and what it works on is not ended', async () => {
    const both = await startSharedCard()
    cleanup(() => both.close())
    const bench = await coreBench({ ollama: both.ollama.url, comfyui: both.comfyui.url })
    const { id } = await bench.start(LOCAL)
    await bench.reaches(id, 'succeeded')
    expect(both.card.usedBy('ollama')).toBeGreaterThan(0)
    const refused = await bench.core.services.restart('ollama', false)
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: 'conflict',
        details: { needs_consent: true },
        message: expect.stringMatching(/not started this Ollama.*consent.*unload/),
      },
    })
    const told = await cliLook(bench, 'services', 'restart', 'ollama')
    expect(told).toMatch(/baton services restart ollama --consent/)
    expect(both.card.usedBy('ollama')).toBeGreaterThan(0)
    expect(await cliLook(bench, 'services', 'restart', 'ollama', '--consent')).toMatch(
      /not started this Ollama, so it cannot restart it. It unloaded its models: 7.0 GB came back/,
    )
    expect(both.card.usedBy('ollama')).toBe(0)
    expect(await bench.core.services.stop('ollama')).toMatchObject({ ok: false, error: { code: 'conflict' } })
  })

  test('H4 a paid provider is not restarted, and one that nobody knows how to start says what to do', async () => {
    const bench = await coreBench()
    expect(await bench.core.services.restart('anthropic', true)).toMatchObject({
      ok: false,
      error: { code: 'conflict' },
    })
    expect(await bench.core.services.restart('ollama', true)).toMatchObject({
      ok: false,
      error: {
        message: expect.stringMatching(/does not know how to start it.*Start it yourself, or enter its start command/),
      },
    })
    expect(await bench.core.services.restart('nobody', true)).toMatchObject({ ok: false, error: { code: 'not_found' } })
  })
})

test('H4 D3 a start command does not travel with a project, nor is it among the settings', async () => {
  const ollama = await ollamaDouble()
  const bench = await coreBench({ ollama: ollama.url })
  must(await bench.core.services.setStart('comfyui', { command: ['evil-program'], folder: null, when: 'at_start' }))
  expect(JSON.stringify(bench.core.settings.get())).not.toContain('evil-program')
  const { id } = await bench.start(LOCAL)
  await bench.reaches(id, 'succeeded')
  const { content } = must(await bench.core.archives.download(id))
  const bytes: Uint8Array[] = []
  for await (const chunk of content) bytes.push(chunk as Uint8Array)
  const other = await coreBench({ ollama: ollama.url })
  must(
    await other.core.archives.import(
      (async function* () {
        yield* bytes
      })(),
    ),
  )
  expect(serviceOf(other, 'comfyui').own).toBeNull()
})
