import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseOllamaHost } from '#core/model/ollama-host.ts'
import { createKeytarKeychain } from '#core/secret/keytar-keychain.ts'
import { readCoreInfo } from '#http/core-lock.ts'
import type { Environment } from '#http/environment.ts'
import { uiFolder } from '#http/installation.ts'
import { checkStorage } from './doctor-database.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import type { Finding } from './finding.ts'
import { print, printJson } from './output.ts'
import { createPaint } from './paint.ts'
import { dataFolder, readEnvironment } from './session.ts'

const MINIMUM_NODE = [22, 12] as const
const PATIENCE_MS = 2_000

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const fits = major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])
  const detail = fits
    ? process.versions.node
    : `${process.versions.node} is too old; install ${MINIMUM_NODE.join('.')} or newer`
  return { name: 'Node', state: fits ? 'ok' : 'bad', detail }
}

function checkFolder(folder: string): Finding {
  const name = 'Data folder'
  if (!existsSync(folder)) return { name, state: 'ok', detail: `${folder} (made at the first run)` }
  try {
    accessSync(folder, constants.R_OK | constants.W_OK)
  } catch {
    return { name, state: 'bad', detail: `${folder} cannot be written; check its owner and permissions` }
  }
  const open = process.platform !== 'win32' && (statSync(folder).mode & 0o077) !== 0
  if (open) return { name, state: 'warn', detail: `${folder} can be read by other users; run: chmod 700 ${folder}` }
  return { name, state: 'ok', detail: folder }
}

async function checkCore(folder: string): Promise<Finding> {
  const name = 'Core'
  const info = readCoreInfo(folder)
  if (info === null) return { name, state: 'ok', detail: 'none runs; commands open one' }
  const { attach } = await import('../attached-client.ts')
  const client = await attach(info.socket)
  await client?.close()
  if (client === null) return { name, state: 'ok', detail: `none runs (process ${info.pid} ended without a farewell)` }
  return { name, state: 'ok', detail: `process ${info.pid}, version ${info.version}` }
}

async function checkOllama(environment: Environment): Promise<Finding> {
  const name = 'Ollama'
  const host = parseOllamaHost(environment.OLLAMA_HOST ?? '')
  if (!host.ok) return { name, state: 'bad', detail: host.error }
  try {
    const answer = await fetch(`${host.value}/api/tags`, { signal: AbortSignal.timeout(PATIENCE_MS) })
    const { models } = (await answer.json()) as { models?: unknown[] }
    const count = Array.isArray(models) ? models.length : 0
    if (count === 0)
      return { name, state: 'warn', detail: `answers at ${host.value} but has no model; run: ollama pull <model>` }
    return { name, state: 'ok', detail: `${count} model${count === 1 ? '' : 's'} at ${host.value}` }
  } catch {
    return { name, state: 'warn', detail: `does not answer at ${host.value}; start it to work for 0 $` }
  }
}

async function checkKey(environment: Environment): Promise<Finding[]> {
  const stored = await createKeytarKeychain().get('anthropic')
  const keychain: Finding = stored.ok
    ? { name: 'Keychain', state: 'ok', detail: 'answers' }
    : { name: 'Keychain', state: 'warn', detail: stored.error }
  if (environment.ANTHROPIC_API_KEY !== undefined) {
    return [{ name: 'Anthropic', state: 'ok', detail: 'key from the environment' }, keychain]
  }
  const kept = stored.ok && stored.value !== null
  const detail = kept ? 'key from the keychain' : 'no key; set ANTHROPIC_API_KEY to use paid models'
  return [{ name: 'Anthropic', state: kept ? 'ok' : 'warn', detail }, keychain]
}

function checkGit(): Finding {
  try {
    return { name: 'git', state: 'ok', detail: execFileSync('git', ['--version'], { encoding: 'utf8' }).trim() }
  } catch {
    return { name: 'git', state: 'warn', detail: 'not found; install it to undo and compare changes' }
  }
}

function checkUi(): Finding {
  const built = existsSync(join(uiFolder(), 'index.html'))
  return { name: 'UI', state: built ? 'ok' : 'warn', detail: built ? 'built' : 'not built; run: npm run build' }
}

/** `baton doctor`: looks at what Baton stands on, without changing anything. Fails only for what it cannot work without. */
export async function doctor(flags: { json?: boolean }): Promise<ExitCode> {
  const environment = readEnvironment()
  const folder = dataFolder(environment)
  const findings = [
    checkNode(),
    checkFolder(folder),
    ...(await checkStorage(folder)),
    await checkCore(folder),
    await checkOllama(environment),
    ...(await checkKey(environment)),
    checkGit(),
    checkUi(),
  ]
  const code = findings.some((finding) => finding.state === 'bad') ? EXIT.failed : EXIT.done
  if (flags.json) {
    printJson({ ok: code === EXIT.done, findings })
    return code
  }
  const paint = createPaint(process.stdout)
  const marks = { ok: paint.good('✓'), warn: paint.waiting('!'), bad: paint.bad('✗') }
  for (const { name, state, detail } of findings) print(`  ${marks[state]} ${name.padEnd(12)} ${paint.dim(detail)}`)
  return code
}
