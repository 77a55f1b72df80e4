import type { Service } from '#contract/service.ts'
import type { Setup, SetupItem } from '#contract/setup.ts'
import { firstRunTexts as texts } from '../texts/first-run.ts'

export type CheckState = keyof typeof texts.words

/** What mends a line. `connect`: install, start or say where it is. */
export type Fix =
  | { readonly kind: 'connect'; readonly server: 'ollama' | 'comfyui'; readonly item: SetupItem }
  | { readonly kind: 'pull'; readonly model: string }
  | { readonly kind: 'use'; readonly item: SetupItem }
  | { readonly kind: 'card' }
  | { readonly kind: 'programs'; readonly commands: readonly string[]; readonly details: readonly string[] }
  | { readonly kind: 'key' }

/** One line of the first run. */
export interface Check {
  readonly id: string
  readonly name: string
  readonly state: CheckState
  readonly sentence: string
  /** Null where nothing is to be done, or nothing can be. */
  readonly fix: Fix | null
}

const NAMES = Object.entries(texts.names)

/** The lines before anything is known. */
export const LOOKING: readonly Check[] = NAMES.map(([id, name]) => ({
  id,
  name,
  state: 'looking',
  sentence: '',
  fix: null,
}))

/**
 * The five lines, and one for each local server that was found without being used. `services` tells of a key whether its
 * provider takes it.
 */
export function checksOf(setup: Setup, services: readonly Service[]): Check[] {
  const of = (name: string): SetupItem | undefined => setup.items.find((item) => item.name === name)
  return [
    ollamaCheck(of('ollama'), setup.pull),
    ...setup.items.filter((item) => item.is_new).map(offeredCheck),
    comfyuiCheck(of('comfyui')),
    cardCheck(of('gpu')),
    programsCheck(of('git'), of('sandbox'), setup.platform),
    keyCheck(
      setup.items.filter((item) => item.kind === 'key'),
      services,
    ),
  ]
}

/** What others than admins see: how the services are that they may know of. */
export function checksOfServices(services: readonly Service[]): Check[] {
  return services
    .filter(({ name }) => name === 'ollama' || name === 'comfyui' || name === 'anthropic')
    .map(({ name, label, state }) => {
      const isReady = state === 'healthy'
      const sentence = isReady ? texts.service.ready : texts.service.missing
      return { id: name, name: label, state: isReady ? 'ready' : 'optional', sentence, fix: null }
    })
}

function ollamaCheck(item: SetupItem | undefined, pull: string | null): Check {
  const line = { id: 'ollama', name: texts.names.ollama }
  if (item === undefined) return { ...line, state: 'missing', sentence: '', fix: null }
  const address = item.address ?? ''
  switch (item.state) {
    case 'found':
      return {
        ...line,
        state: 'ready',
        sentence: texts.ollama.ready(item.models, address) + texts.ollama.leftOut(item.left_out),
        fix: null,
      }
    case 'trouble':
      return {
        ...line,
        state: 'incomplete',
        sentence: texts.ollama.empty(address) + texts.ollama.leftOut(item.left_out),
        fix: pull === null ? null : { kind: 'pull', model: pull },
      }
    case 'missing':
      return {
        ...line,
        state: 'missing',
        sentence: texts.ollama.missing(address),
        fix: { kind: 'connect', server: 'ollama', item },
      }
  }
}

function offeredCheck(item: SetupItem): Check {
  return {
    id: item.name,
    name: item.label,
    state: 'offered',
    sentence: texts.offered(item.models, item.address ?? ''),
    fix: { kind: 'use', item },
  }
}

function comfyuiCheck(item: SetupItem | undefined): Check {
  const line = { id: 'comfyui', name: texts.names.comfyui }
  if (item === undefined) return { ...line, state: 'optional', sentence: '', fix: null }
  if (item.state === 'found') return { ...line, state: 'ready', sentence: item.detail, fix: null }
  return {
    ...line,
    state: 'optional',
    sentence: texts.comfyui.missing(item.address ?? ''),
    fix: { kind: 'connect', server: 'comfyui', item },
  }
}

function cardCheck(item: SetupItem | undefined): Check {
  const line = { id: 'gpu', name: texts.names.gpu }
  if (item?.state === 'found') return { ...line, state: 'ready', sentence: item.detail, fix: null }
  return { ...line, state: 'optional', sentence: texts.gpu.missing, fix: { kind: 'card' } }
}

function programsCheck(git: SetupItem | undefined, sandbox: SetupItem | undefined, platform: Setup['platform']): Check {
  const line = { id: 'programs', name: texts.names.programs }
  const missing = [git, sandbox].filter((item) => item !== undefined && item.state !== 'found')
  if (missing.length === 0) return { ...line, state: 'ready', sentence: texts.programs.ready, fix: null }
  const names = missing.map((item): 'git' | 'sandbox' => (item === git ? 'git' : 'sandbox'))
  const { install } = texts.fix
  return {
    ...line,
    state: 'missing',
    sentence: names.map((name) => texts.programs[name]).join(' '),
    fix: {
      kind: 'programs',
      commands: names.map((name) => install[name][platform]).filter((command) => command !== null),
      details: missing.map((item) => item?.detail ?? ''),
    },
  }
}

function keyCheck(keys: readonly SetupItem[], services: readonly Service[]): Check {
  const line = { id: 'key', name: texts.names.key }
  const found = keys.filter((item) => item.state === 'found')
  if (found.length === 0) return { ...line, state: 'optional', sentence: texts.key.missing, fix: { kind: 'key' } }
  const refused = services.find(({ name, state }) => state === 'down' && found.some((item) => item.name === name))
  if (refused !== undefined) {
    return { ...line, state: 'failing', sentence: `${refused.label}: ${refused.detail}`, fix: { kind: 'key' } }
  }
  return { ...line, state: 'ready', sentence: texts.key.ready(found.map(({ label }) => label).join(', ')), fix: null }
}
