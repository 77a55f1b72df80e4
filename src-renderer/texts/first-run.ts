import type { Setup } from '#contract/setup.ts'
import { counted } from './figures.ts'

type Platform = Setup['platform']

/** How what is missing is installed, by what the machine runs; null where no one command does it. */
const INSTALL = {
  ollama: {
    linux: 'curl -fsSL https://ollama.com/install.sh | sh',
    macos: 'brew install ollama',
    windows: 'winget install Ollama.Ollama',
    other: null,
  },
  comfyui: {
    linux: 'pipx install comfy-cli && comfy install',
    macos: 'pipx install comfy-cli && comfy install',
    windows: null,
    other: null,
  },
  git: {
    linux: 'sudo apt install git',
    macos: 'xcode-select --install',
    windows: 'winget install Git.Git',
    other: null,
  },
  sandbox: { linux: 'sudo apt install bubblewrap', macos: null, windows: null, other: null },
} as const satisfies Record<string, Record<Platform, string | null>>

export const firstRunTexts = {
  title: 'First run',
  subtitle: 'What Baton found on this machine, what it may spend, and a project to try it with.',
  again: 'Look again',
  leave: 'Skip for now',
  done: 'To the projects',
  machine: 'This machine',
  looking: 'Looking at this machine',
  others: 'Only an admin changes what Baton works with. You see what is there.',
  names: {
    ollama: 'Ollama',
    comfyui: 'ComfyUI',
    gpu: 'Graphics card',
    programs: 'git and sandbox',
    key: 'Key of a cloud provider',
  },
  words: {
    looking: 'Looking',
    ready: 'Ready',
    offered: 'Found, not used yet',
    incomplete: 'One step left',
    missing: 'Not found',
    failing: 'Does not work',
    optional: 'Not there, optional',
  },
  ollama: {
    ready: (models: readonly string[], address: string) =>
      `${counted(models.length, 'model')} at ${address}: ${models.slice(0, 3).join(', ')}${models.length > 3 ? ' …' : ''}.`,
    empty: (address: string) => `Runs at ${address} and has no model yet. Work on a local model costs nothing.`,
    missing: (address: string) => `Nothing answers at ${address}. With it, work is done on this machine at no cost.`,
    leftOut: (models: readonly string[]) =>
      models.length === 0
        ? ''
        : ` Not used, because Ollama would send the work to its cloud: ${models.slice(0, 3).join(', ')}${models.length > 3 ? ' …' : ''}.`,
    pull: (model: string) => `Pull ${model}`,
  },
  comfyui: {
    missing: (address: string) => `Nothing answers at ${address}. Needed only for projects that make images.`,
  },
  gpu: { missing: 'No NVIDIA card was found. Local models run on the processor then: slower, and just as free.' },
  programs: {
    ready: 'What a task changed can be compared and undone, and commands of models run in a sandbox.',
    git: 'git is missing: changes of tasks cannot be compared or undone.',
    sandbox: 'No sandbox: commands of models, tests among them, are not run.',
  },
  key: {
    ready: (names: string) => `There is a key for ${names}. It is used within your limits, after you approve a plan.`,
    missing: 'Without one, nothing is ever sent or paid. With one, hard tasks can go to stronger models.',
  },
  offered: (models: readonly string[], address: string) =>
    `A server answers at ${address} with ${counted(models.length, 'model')}. It is on this machine, so its work is free.`,
  tiers: {
    kinds: { local: 'Simple tasks', fast: 'Medium ones', strong: 'Hard ones and plans' },
    nobody: 'nobody yet',
    none: 'No model is there yet. Only the demo model works: it is no AI, and costs nothing.',
    change: 'Change the routing',
  },
  service: { ready: 'It answers.', missing: 'It does not answer.' },
  fix: {
    connect: 'Connect',
    close: 'Close',
    useIt: 'Use it',
    how: 'How to install',
    check: 'How to check',
    addKey: 'Add a key',
    changeKey: 'Look at the key',
    of: (button: string, name: string) => `${button}: ${name}`,
    install: INSTALL,
    installHint: 'Install it with this command, in a terminal of the machine that Baton runs on:',
    manual: {
      ollama: 'Install it as https://ollama.com/download says.',
      comfyui: 'Install it as https://docs.comfy.org says.',
    },
    startHint: 'Then start it, where it does not run by itself:',
    start: { ollama: 'ollama serve', comfyui: 'comfy launch' },
    gpuHint: 'An NVIDIA card shows here as soon as its driver does. This command must name it:',
    gpuCommand: 'nvidia-smi',
    live: 'This line changes by itself as soon as it is there.',
    address: (name: string) => `Address of ${name}`,
    addressHint: 'Where it runs, if not on this machine. Empty: its usual address.',
    addressWrong: 'Write an address such as http://192.168.1.20:11434.',
    useAddress: 'Use this address',
    fixed: (variable: string) =>
      `${variable} says where it is. Change that variable and start Baton again to use another.`,
    copy: (command: string) => `Copy ${command}`,
    copied: 'Copied.',
    moreKeys: 'Other providers',
  },
  cap: {
    title: 'At most per month',
    label: 'Per month, $',
    slider: 'Monthly limit in dollars',
    hint: 'Paid work waits when it is reached, and you are asked. Local work is free. Empty means no limit.',
    spent: (spent: string) => `${spent} spent this month.`,
    fixed: 'Set in the configuration file.',
    saved: (limit: string) => `The limit is ${limit} a month.`,
    none: 'There is no monthly limit.',
  },
  sample: {
    title: 'Sample project',
    what: (title: string, tasks: string, files: string) =>
      `${title}: ${tasks} that build on each other, one of them checked by a command. It leaves ${files}.`,
    local: (model: string) => `Done by ${model} on this machine.`,
    demo: 'Done by the demo model, since no local model is there: it is no AI, but writes real files with the real tools.',
    cost: '0 $',
    run: 'Run the sample project',
    runHint: 'You see its plan first. Nothing runs until you approve it.',
    viewer: 'You may look at projects of your own here; an operator or admin may run one.',
  },
} as const
