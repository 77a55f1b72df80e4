import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { SetupItem } from '#contract/setup.ts'
import { nvidiaCards } from '#core/gpu/nvidia-smi.ts'
import { cardItem, findServers, keyItems, modelToPull } from '#core/health/find-around.ts'
import { parseComfyuiUrl } from '#core/image/comfyui-url.ts'
import { parseOllamaHost } from '#core/model/ollama-host.ts'
import { findSandbox } from '#core/sandbox/probe-sandbox.ts'
import { createKeytarKeychain } from '#core/secret/keytar-keychain.ts'
import { createProviderKeys } from '#core/secret/provider-keys.ts'
import { loadConfiguration } from '#http/configuration.ts'
import { readCoreInfo } from '#http/core-lock.ts'
import { type Environment, withoutUse } from '#http/environment.ts'
import { uiFolder } from '#http/installation.ts'
import { checkStorage } from './doctor-database.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import type { Finding } from './finding.ts'
import { print, printJson } from './output.ts'
import { createPaint } from './paint.ts'
import { dataFolder, readEnvironment } from './session.ts'

const MINIMUM_NODE = [22, 12] as const

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

/** Reads the configuration file as a start would (X3). */
async function checkConfiguration(environment: Environment, folder: string): Promise<Finding> {
  const name = 'Configuration'
  const loaded = await loadConfiguration(environment, folder, (variable) => process.env[variable])
  if (!loaded.ok) return { name, state: 'bad', detail: loaded.error }
  const idle = withoutUse(environment)
  if (idle.length > 0) return { name, state: 'warn', detail: `this version does not use ${idle.join(', ')}` }
  return { name, state: 'ok', detail: loaded.value.configured?.file ?? 'no file; settings are those of the window' }
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

/** Whether models may run commands here (T4). */
async function checkSandbox({ PATH }: Environment): Promise<Finding> {
  const { fault } = await findSandbox(PATH ?? '', process.execPath)
  return { name: 'Sandbox', state: fault === null ? 'ok' : 'warn', detail: fault ?? 'commands run in bubblewrap' }
}

/** Servers, keys and the card, as the setup of a running Baton has them (R6). */
async function checkAround(environment: Environment): Promise<Finding[]> {
  const ollama = parseOllamaHost(environment.OLLAMA_HOST ?? '')
  if (!ollama.ok) return [{ name: 'Ollama', state: 'bad', detail: ollama.error }]
  const comfyui = parseComfyuiUrl(environment.COMFYUI_URL ?? '')
  if (!comfyui.ok) return [{ name: 'ComfyUI', state: 'bad', detail: comfyui.error }]
  const keys = createProviderKeys(keysOf(environment), createKeytarKeychain())
  const readCards = nvidiaCards(environment.PATH ?? '')
  const [servers, cards] = await Promise.all([
    findServers({
      ollama_host: ollama.value,
      comfyui_url: comfyui.value,
      addresses: {
        lmstudio: environment.LMSTUDIO_BASE_URL,
        llamacpp: environment.LLAMACPP_BASE_URL,
        vllm: environment.VLLM_BASE_URL,
      },
    }),
    readCards(),
    keys.load(),
  ])
  const pull = modelToPull(servers, cards)
  const advice: Finding[] =
    pull === null ? [] : [{ name: 'Model', state: 'warn', detail: `none yet; try: baton models pull ${pull}` }]
  return [...[...servers, ...keyItems(keys.states()), cardItem(cards)].map(toFinding), ...advice]
}

function keysOf(environment: Environment): Record<string, string | undefined> {
  return {
    anthropic: environment.ANTHROPIC_API_KEY,
    openai: environment.OPENAI_API_KEY,
    google: environment.GEMINI_API_KEY ?? environment.GOOGLE_API_KEY,
    openrouter: environment.OPENROUTER_API_KEY,
  }
}

/** Nothing of it is needed by itself: another model, or none but the demo, does as well. */
function toFinding({ label, state, detail }: SetupItem): Finding {
  return { name: label, state: state === 'found' ? 'ok' : 'warn', detail }
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
    await checkConfiguration(environment, folder),
    ...(await checkStorage(folder)),
    await checkCore(folder),
    await checkSandbox(environment),
    ...(await checkAround(environment)),
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
  for (const { name, state, detail } of findings) print(`  ${marks[state]} ${name.padEnd(13)} ${paint.dim(detail)}`)
  return code
}
