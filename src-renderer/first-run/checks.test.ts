import { expect, test } from 'vitest'
import type { Setup, SetupItem } from '#contract/setup.ts'
import { checksOf, checksOfServices } from './checks.ts'

function item(name: string, change: Partial<SetupItem> = {}): SetupItem {
  const kind = name === 'anthropic' ? 'key' : name === 'gpu' ? 'card' : 'server'
  const plain = {
    detail: `${name} in words`,
    address: `http://${name}`,
    models: [],
    left_out: [],
    fixed_by: null,
    is_new: false,
  }
  return { name, label: name, kind, state: 'found', ...plain, ...change }
}

function setup(...items: SetupItem[]): Setup {
  return { platform: 'linux', items, tiers: [], pull: 'llama3.2' }
}

const NAMES = ['ollama', 'comfyui', 'gpu', 'git', 'sandbox', 'anthropic']
const shown = (given: Setup) => checksOf(given, []).map(({ id, state, fix }) => `${id} ${state} ${fix?.kind ?? '-'}`)

test('U3 five lines are ready, without a button, where everything was found', () => {
  expect(shown(setup(...NAMES.map((name) => item(name, { models: ['a'] }))))).toEqual([
    'ollama ready -',
    'comfyui ready -',
    'gpu ready -',
    'programs ready -',
    'key ready -',
  ])
})

test('U3 five lines have each a button where nothing was found', () => {
  expect(shown(setup(...NAMES.map((name) => item(name, { state: 'missing' }))))).toEqual([
    'ollama missing connect',
    'comfyui optional connect',
    'gpu optional card',
    'programs missing programs',
    'key optional key',
  ])
})

test('U3 R6 an Ollama without a model offers the one that fits, and a server that is not used yet is offered', () => {
  const [ollama, lmstudio] = [item('ollama', { state: 'trouble' }), item('lmstudio', { is_new: true, models: ['a'] })]
  expect(checksOf(setup(ollama, lmstudio), []).slice(0, 2)).toMatchObject([
    { state: 'incomplete', fix: { kind: 'pull', model: 'llama3.2' } },
    { name: 'lmstudio', state: 'offered', fix: { kind: 'use' } },
  ])
})

test('U3 R6 models that Ollama would send to its cloud are named as not used', () => {
  for (const state of ['found', 'trouble'] as const) {
    const [check] = checksOf(setup(item('ollama', { state, left_out: ['kimi-k2:cloud'] })), [])
    expect(check?.sentence).toMatch(/Not used, because Ollama would send the work to its cloud: kimi-k2:cloud\.$/)
  }
})

test('U3 only what is missing of git and the sandbox is to be installed', () => {
  const [, , programs] = checksOf(setup(item('gpu'), item('git'), item('sandbox', { state: 'missing' })), []).slice(1)
  expect(programs).toMatchObject({
    state: 'missing',
    fix: { commands: ['sudo apt install bubblewrap'], details: ['sandbox in words'] },
  })
})

const service = {
  paid: false,
  detail: 'a secret',
  since: null,
  checked_at: null,
  heals: true,
  last_error: null,
  own: null,
}

test('U3 S8 a key that its provider does not take is not called ready', () => {
  const claude = { ...service, name: 'anthropic', label: 'Claude', state: 'down' as const, detail: 'Wrong key.' }
  expect(checksOf(setup(item('anthropic')), [claude]).at(-1)).toMatchObject({
    state: 'failing',
    sentence: 'Claude: Wrong key.',
    fix: { kind: 'key' },
  })
})

test('U3 S1 others than admins see how services are, and no button', () => {
  const checks = checksOfServices([
    { ...service, name: 'ollama', label: 'Ollama', state: 'healthy' },
    { ...service, name: 'comfyui', label: 'ComfyUI', state: 'not_configured' },
    { ...service, name: 'openai', label: 'OpenAI', state: 'healthy' },
  ])
  expect(checks.map(({ name, state, fix }) => [name, state, fix])).toEqual([
    ['Ollama', 'ready', null],
    ['ComfyUI', 'optional', null],
  ])
})
