import type { OwnService } from '#contract/service-start.ts'

const when = {
  on_demand: 'Started by Baton when work needs it',
  at_start: 'Started with Baton',
  by_hand: 'Started by Baton when you ask for it',
} as const

export const serviceTexts = {
  states: {
    healthy: 'Works',
    degraded: 'Works with trouble',
    down: 'Does not answer',
    not_configured: 'Not set up',
    unknown: 'Not checked yet',
  },
  title: 'Services',
  subtitle: 'What Baton leans on. Checked every 30 seconds; work that needs what is down waits and goes on by itself.',
  check: 'Check now',
  checkAll: 'Check all',
  checking: 'Checking',
  never: 'not checked yet',
  checkedAt: (when: string) => `Checked ${when}`,
  since: (when: string) => `since ${when}`,
  lastError: (when: string) => `Last trouble ${when}:`,
  local: 'On this machine',
  paid: 'Paid for elsewhere',
  empty: 'No services are known',
  emptyHint: 'Baton names here what it found: Ollama, keys of providers, git.',
  setKey: 'Enter a key',
  setUp: 'Set up',
  notSetUp: (names: string) => `Not set up: ${names}.`,
} as const

export const ownServiceTexts = {
  start: 'Start',
  restart: 'Restart',
  stop: 'Stop',
  command: 'Start command',
  commandOf: (label: string) => `Start command of ${label}`,
  log: 'Log',
  logOf: (label: string) => `Log of ${label}`,
  noLines: 'Nothing yet.',
  own: ({ start, state, detail }: OwnService) =>
    state === 'running'
      ? 'Started by Baton, and ends with it.'
      : state === 'ended'
        ? detail
        : start === null
          ? ''
          : when[start.when],
  consent: (label: string) => `Baton did not start ${label}`,
  unload: 'Unload its models',
  leave: 'Cancel',
  save: 'Save',
  when,
  fields: { command: 'Program and arguments', folder: 'Folder', when: 'When' },
  hints: {
    command: 'One on each line; no shell reads them. Empty: Baton does not start it.',
    folder: 'Where it is started, absolute. Empty: your home folder.',
  },
  example: {
    ollama: 'ollama\nserve',
    comfyui: '/home/me/ComfyUI/venv/bin/python\nmain.py',
    lmstudio: 'lms\nserver\nstart',
    llamacpp: 'llama-server\n-m\n/models/model.gguf',
    vllm: 'vllm\nserve\nQwen/Qwen3-8B',
  },
} as const

export const gpuTexts = {
  title: 'Graphics card',
  hint: 'Ollama and ComfyUI take turns on it, in batches. Before one side begins, the other unloads and is seen to have done so.',
  sides: { ollama: 'Ollama', comfyui: 'ComfyUI' },
  card: (index: number, name: string) => `Card ${index}: ${name}`,
  lease: (owner: string) => `(${owner} has it)`,
  short: 'GPU',
  free: 'Nobody works on it at the moment.',
  nobody: 'free',
  held: (who: string) => `${who} works on it`,
  turning: (who: string) => `It is turned over to ${who}`,
  since: (when: string) => `since ${when}`,
  memory: (used: string, whole: string) => `${used} of ${whole} in use`,
  waiting: (count: number) => (count === 1 ? 'One waits' : `${count} wait`),
  more: (count: number) => `and ${count} more`,
  swaps: (count: number) =>
    count === 0
      ? 'Not turned over since Baton started.'
      : `Turned over ${count === 1 ? 'once' : `${count} times`} since Baton started.`,
  lastSwap: (time: string) => `The last time took ${time}.`,
} as const

export const imageTexts = {
  title: 'Workflows for images',
  hint: 'What tasks can ask ComfyUI for. Drop an export in API format into this folder to add one:',
  inputs: (names: string) => `Inputs: ${names}`,
  unusable: 'Files that cannot be used',
} as const

export const localModelTexts = {
  title: 'Models of Ollama',
  hint: 'Each is loaded with the window that it and the free memory of the card allow, and leaves memory when nobody asks it.',
  columns: { model: 'Model', window: 'Window, tokens', memory: 'In memory' },
  notLoaded: 'not loaded',
  onCard: (size: string) => `${size} on the card`,
  partly: (onCard: string, whole: string) => `${onCard} of ${whole} on the card, the rest on the CPU`,
  left: (time: string) => `${time} left`,
  name: 'Model to pull',
  placeholder: 'llama3.2, qwen3:8b …',
  pull: 'Pull',
  pulling: (model: string) => `Pulling ${model}`,
  of: (done: string, whole: string) => `${done} of ${whole}`,
  cancel: 'Cancel',
  cancelOf: (model: string) => `Cancel pulling ${model}`,
} as const
