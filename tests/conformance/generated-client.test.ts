import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { type CliBench, createCliBench } from './cli-process.ts'

const root = join(import.meta.dirname, '..', '..')
const modules = join(root, 'node_modules')
const served = z.object({ url: z.string(), token_file: z.string() })
const run = promisify(execFile)

let bench: CliBench
let folder: string
beforeEach(() => {
  bench = createCliBench()
  folder = mkdtempSync(join(tmpdir(), 'baton-client-'))
})
afterEach(async () => {
  await bench.close()
  rmSync(folder, { recursive: true, force: true })
})

test('A1 a client that orval makes of the OpenAPI description compiles strictly and does the main job', async () => {
  const serve = bench.start(['serve', '--port', '0'])
  const [first] = await once(serve.lines, 'line')
  const { url, token_file } = served.parse(JSON.parse(String(first)))
  const authorization = `Bearer ${readFileSync(token_file, 'utf8').trim()}`
  const described = await fetch(`${url}/api/openapi.json`, { headers: { authorization } })
  writeFileSync(join(folder, 'openapi.json'), await described.text())

  const output = { target: join(folder, 'baton.ts'), client: 'fetch', baseUrl: `${url}/api` }
  const config = { baton: { input: join(folder, 'openapi.json'), output } }
  writeFileSync(join(folder, 'orval.config.mjs'), `export default ${JSON.stringify(config)}\n`)
  const node = process.execPath
  await run(node, [join(modules, 'orval', 'dist', 'bin', 'orval.mjs'), '--config', join(folder, 'orval.config.mjs')])

  copyFileSync(join(import.meta.dirname, 'generated-client-job.ts.txt'), join(folder, 'job.ts'))
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: 'es2024', module: 'esnext', moduleResolution: 'bundler' },
    ...{ lib: ['es2024', 'dom', 'dom.iterable'], types: [], allowImportingTsExtensions: true },
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  // Its words come on standard output, and are what a failure has to show.
  const checked = await run(node, [join(modules, 'typescript', 'bin', 'tsc'), '-p', folder]).catch(
    (fault: unknown) => fault,
  )
  expect(checked).toMatchObject({ stdout: '' })

  const done = await run(node, [join(folder, 'job.ts')], { env: { AUTHORIZATION: authorization } })
  expect(JSON.parse(done.stdout)).toMatchObject({
    state: 'succeeded',
    files: expect.arrayContaining([expect.any(String)]),
  })
})
