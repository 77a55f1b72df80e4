import type { AddressedProvider, ProviderId } from '#contract/model.ts'

export const settingsTexts = {
  title: 'Settings',
  sections: {
    limits: 'Money',
    models: 'Models',
    routes: 'Routing',
    work: 'Work',
    backups: 'Backups',
    desktop: 'Desktop',
    look: 'Look',
    people: 'People',
    webhooks: 'Webhooks',
    account: 'Account',
  },
  firstRun: 'First run',
  save: 'Save',
  discard: 'Discard',
  saved: 'Saved.',
  unsaved: 'Not saved yet',
  fixed: (file: string) => `Set in ${file}, and changed there:`,
  notUsd: 'Write an amount such as 5 or 0.50, or leave it empty for no limit.',
  notNumber: (min: number, max: number) => `A whole number from ${min} to ${max}.`,
} as const

export const limitTexts = {
  hint: 'A warning comes at 80 %. At 100 % the work waits until you raise the limit. Empty means no limit. Days and months are those of UTC.',
  fields: {
    daily_micros: { label: 'Per day, $', hint: 'All projects together.' },
    monthly_micros: { label: 'Per month, $', hint: 'All projects together.' },
    global_micros: { label: 'Ever, $', hint: 'All projects, since the beginning.' },
    project_micros: { label: 'Per project, $', hint: 'For projects without a budget of their own.' },
    task_micros: { label: 'Per task, $', hint: 'All attempts at one task.' },
    run_micros: { label: 'Per attempt, $', hint: 'One attempt at one task.' },
  },
  now: 'Now',
  localOnly: 'Local models only, everywhere',
  localOnlyHint: 'No byte goes to a paid provider, whatever a project says.',
} as const

export const modelTexts = {
  hint: 'Each tier tries its models by rank, lowest first, and passes over those that are not available.',
  add: 'Add a model',
  edit: (name: string) => `Edit ${name}`,
  remove: (name: string) => `Remove ${name}`,
  removeTitle: 'Remove this model?',
  removeWhy: (name: string) => `${name} is not chosen any more. What it did stays in the usage.`,
  empty: 'No models yet',
  missing: 'Fill this in.',
  taken: 'Another model has this name.',
  wrong: {
    name: 'Letters, digits and . _ : - only; at most 100.',
    display_name: 'At most 100 characters.',
    model: 'At most 200 characters.',
    rank: 'A whole number from 0 to 1,000.',
    max_concurrent: 'A whole number from 1 to 64.',
    max_output_tokens: 'A whole number from 256 to 128,000.',
    context_tokens: 'A whole number from 1,024 to 2,000,000.',
    price: 'Two amounts of 0 or more, or both empty.',
  },
  emptyHint: 'Start Ollama or enter a key, and Baton finds models by itself. Or add one by hand.',
  available: 'available',
  off: 'switched off',
  demo: 'demo: no AI',
  providers: {
    anthropic: 'Anthropic',
    openai: 'OpenAI',
    google: 'Google',
    openrouter: 'OpenRouter',
    ollama: 'Ollama',
    lmstudio: 'LM Studio',
    llamacpp: 'llama.cpp',
    vllm: 'vLLM',
    demo: 'Demo (no AI)',
  } satisfies Record<ProviderId, string>,
  columns: {
    on: 'On',
    model: 'Model',
    tiers: 'Tiers',
    rank: 'Rank',
    parallel: 'At once',
    window: 'Window',
    state: 'State',
  },
  fields: {
    name: { label: 'Name', hint: 'Short, used in plans and commands. It cannot be changed later.' },
    display_name: { label: 'Shown as', hint: '' },
    provider: { label: 'Provider', hint: '' },
    model: { label: 'Model id', hint: 'As the provider calls it: claude-sonnet-4-6, llama3.3.' },
    tiers: { label: 'Tiers', hint: 'Which classes of work it may get.' },
    rank: { label: 'Rank', hint: 'Lower is asked first.' },
    max_concurrent: { label: 'Calls at once', hint: '1 to 64.' },
    max_output_tokens: { label: 'Longest answer, tokens', hint: '256 to 128,000.' },
    context_tokens: { label: 'Window, tokens', hint: '1,024 to 2,000,000.' },
    price_input: { label: 'Input, $ per million tokens', hint: 'Empty: the price that Baton knows.' },
    price_output: { label: 'Output, $ per million tokens', hint: 'Needed with the price of input.' },
  },
} as const

export const routeTexts = {
  hint: 'How each task finds its model. A tier set on the task itself goes before everything here.',
  dial: 'How tasks find their tier',
  presets: {
    careful: {
      name: 'Careful',
      what: 'The table decides where a task begins. Difficult work begins with a strong model.',
      cost: 'Costs most, least goes wrong.',
    },
    balanced: {
      name: 'Balanced',
      what: 'Whatever can be checked is tried on this machine first, and handed up only when its checks fail. The rest goes by the table.',
      cost: 'Costs far less; a little more goes wrong unnoticed, and it takes longer.',
    },
    learned: {
      name: 'Learned',
      what: 'Begins where like tasks have passed their checks on this machine, weighed against what they cost. Now and then it tries what it knows little of.',
      cost: 'Needs some hundred checked tasks to know its way.',
    },
  },
  climb: 'When checks fail',
  climbHint:
    'A result that fails its checks is repaired first. Then the next tier takes over, with the findings, within the budget. Local-only work is never handed to a paid model.',
  highest: 'Highest tier that tasks are handed to',
  highestHint: 'Local: tasks are never handed up.',
  verifier: 'Tier that checks results',
  verifierHint: 'Only what no command can check. Local work that may cost nothing is checked by its own model.',
  worth: 'What a failed or wrong task costs you',
  worthHint: 'The higher, the sooner a stronger model is asked. Only learned routing looks at it.',
  learnt: 'What was learned so far',
  learntNone: 'Nothing yet. Every checked task teaches something, whichever way is chosen above.',
  learntColumns: { class: 'Tasks', tier: 'Tier and model', verified: 'Passed', cost: 'Cost each' },
  ofSeen: (verified: number, seen: number) => `${verified} of ${seen}`,
  forget: 'Forget all',
  forgotten: 'Forgotten. Learning begins anew.',
  table: 'Routing table',
  tableHint: {
    careful: 'The first row that fits a task decides.',
    balanced: 'Only for tasks that nothing can check. The first row that fits decides.',
    learned: 'Only for tasks that nothing can check. The first row that fits decides.',
  },
  other: 'Otherwise',
  any: 'any',
  columns: { order: '', type: 'Type of task', complexity: 'Complexity', tier: 'Tier' },
  up: 'Move up',
  down: 'Move down',
  remove: 'Remove the rule',
  add: 'Add a rule',
  defaults: 'Back to the defaults',
  planner: 'Tier that plans',
  plannerHint: 'Which models turn requirements into plans.',
  toPaid: 'Local work may move to paid models',
  toPaidHint: 'Budgets hold either way, and the plan shows the cost before you approve it.',
  fallbacks: {
    never: 'Never: it waits for a local model',
    not_configured: 'Where this machine has no local model at all',
    always: 'Whenever no local model is available',
  },
  toLocal: 'Paid work may move to local models',
  toLocalHint: 'Where no paid model is available.',
} as const

export const providerTexts = {
  address: (provider: string) => `Address of ${provider}`,
  addressHint: 'With the version, for example http://127.0.0.1:1234/v1. Empty: the usual one.',
  saveAddress: 'Save address',
  test: 'Test',
  testOf: (provider: string) => `Test ${provider}`,
  /** What a provider is reached at where nobody says otherwise, or what it usually has. */
  usual: {
    openai: 'https://api.openai.com/v1',
    google: 'https://generativelanguage.googleapis.com',
    openrouter: 'https://openrouter.ai/api/v1',
    lmstudio: 'none yet; usually http://127.0.0.1:1234/v1',
    llamacpp: 'none yet; usually http://127.0.0.1:8080/v1',
    vllm: 'none yet; usually http://127.0.0.1:8000/v1',
  } satisfies Record<AddressedProvider, string>,
} as const

export const keyTexts = {
  title: 'Providers and keys',
  hint: 'A server on this machine or its private network is local: it costs nothing and needs no key. Keys are kept in the keychain of this system and never shown again. A key from the environment goes first.',
  sources: {
    environment: 'Set by the environment; remove it there.',
    keychain: 'Kept in the keychain.',
    vault: 'Kept in the vault.',
    none: 'No key.',
  },
  field: (provider: string) => `Key for ${provider}`,
  placeholder: 'Paste the key',
  set: 'Save key',
  replace: 'Replace key',
  remove: 'Remove key',
  removeTitle: 'Remove this key?',
  removeWhy: (provider: string) =>
    `Models of ${provider} are not available until you enter a key again. Work for them waits.`,
  kept: (provider: string) => `The key for ${provider} is kept.`,
  removed: (provider: string) => `The key for ${provider} is removed.`,
  tooShort: 'A key has at least 8 characters.',
  empty: 'No provider needs a key.',
} as const

export const vaultTexts = {
  title: 'Vault',
  absent:
    'No keychain of the system answers here. A vault keeps keys in an encrypted file instead; you give its passphrase once after each start. It cannot be recovered.',
  locked: 'The vault is locked. Keys in it are used once you give its passphrase.',
  open: 'The vault is open until Baton ends.',
  passphrase: 'Passphrase of the vault',
  again: 'The same again',
  create: 'Make the vault',
  unlock: 'Open the vault',
  opened: 'The vault is open.',
  tooShort: 'A passphrase has at least 8 characters.',
  differs: 'The two are not the same.',
} as const

export const desktopTexts = {
  title: 'Desktop',
  tray: 'Icon in the tray',
  trayHint: 'Shows whether work runs or needs you, and what today has cost.',
  close: 'Closing the window leaves Baton at work in the tray',
  closeHint: 'Otherwise closing the window quits, and asks first where work runs.',
  login: 'Start when I log in to this computer',
  loginHint: 'In the tray, without a window. Work that was open goes on.',
  notify: 'Notifications',
  notifyHint: 'One for each project and kind, however many tasks there are; never for what you are looking at.',
  kinds: {
    desktop_notify_done: 'A project is done',
    desktop_notify_needs_you: 'Something needs you: a plan, an approval, a question',
    desktop_notify_budget: 'The budget warns or stops work',
    desktop_notify_failure: 'A project, a task or a backup failed',
  },
} as const

export const commandTexts = {
  title: 'Commands',
  hint: 'Models run commands in a sandbox only: without network but for the hosts of their plan, and with no other files than those of the workspace.',
  network: 'Pages of hosts that neither the project nor its plan names',
  networks: { ask: 'Ask me', allow: 'Fetch them', deny: 'Do not fetch them' },
  policy: 'Commands that are not on the list',
  policies: { ask: 'Ask me', allow: 'Run them', deny: 'Do not run any command' },
  list: 'How commands begin that run without a question',
  listHint: 'One per line. A command with ; | & > $ or other signs of the shell is never on the list.',
  wrong: 'At most 500 lines of at most 200 characters.',
} as const

export const workTexts = {
  groups: {
    parallel: 'How much at once',
    time: 'How long',
    faults: 'When something fails',
    batches: 'Batches, for projects that can wait',
    card: 'Graphics card',
  },
  fields: {
    max_concurrent: { label: 'Tasks at once', hint: 'All projects together.' },
    max_concurrent_per_project: { label: 'Tasks at once per project', hint: '' },
    max_concurrent_per_provider: { label: 'Calls at once per provider', hint: '' },
    priority_step_ms: {
      label: 'Ageing, seconds',
      hint: 'How long a task waits until it overtakes the next higher priority.',
    },
    max_streams: { label: 'Event streams of one user', hint: 'How many may be open at once on the port.' },
    max_body_bytes: {
      label: 'Sent by one user at once, megabytes',
      hint: 'All requests on the port together that are not answered yet.',
    },
    max_transfers: { label: 'Transfers of one user', hint: 'Exports, and imports, of projects at once.' },
    task_timeout_ms: { label: 'Longest task, seconds', hint: 'Then the attempt ends as failed.' },
    step_timeout_ms: { label: 'Longest step, seconds', hint: 'One call of a model or a tool.' },
    max_turns: { label: 'Turns per phase', hint: 'More, and the model is called stuck.' },
    max_retries: { label: 'Retries', hint: 'Only for faults that can heal by themselves.' },
    retry_base_ms: { label: 'First retry after, seconds', hint: 'Doubles each time.' },
    retry_cap_ms: { label: 'Longest wait, seconds', hint: '' },
    breaker_failures: {
      label: 'Failures in a row before a rest',
      hint: 'Then nobody asks that provider for a while; one call tries whether it is back.',
    },
    max_local_models: { label: 'Local models at once', hint: '1 where the card holds one model of Ollama.' },
    model_group_ms: {
      label: 'Head start of the loaded model, seconds',
      hint: 'How much longer tasks of another have to wait before it is loaded.',
    },
    gpu_batch_ms: {
      label: 'Longest turn on the card, seconds',
      hint: 'While the other side waits and work goes on coming.',
    },
    gpu_release_ms: { label: 'Longest unloading, seconds', hint: 'Then it is tried again later.' },
    image_stall_ms: { label: 'Silence of a stuck image, seconds', hint: 'Then it is stopped and made once more.' },
    batch_window_ms: { label: 'Collect for, seconds', hint: 'Calls that come meanwhile share one batch.' },
    batch_max_requests: { label: 'Calls in one batch', hint: 'It is sent as soon as it has so many.' },
    batch_poll_ms: { label: 'First look after, seconds', hint: 'How soon a batch is asked how far it is.' },
    batch_poll_cap_ms: { label: 'Longest between looks, seconds', hint: 'Looks grow apart until then.' },
    max_repairs: { label: 'Repairs', hint: 'How often a task may mend what its check found.' },
  },
} as const

export const lookTexts = {
  theme: 'Colours',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  density: 'Rows',
  densities: { normal: 'Normal', compact: 'Dense' },
} as const

export const cardTexts = {
  title: 'Several graphics cards',
  hint: 'On a card that both use, Ollama and ComfyUI take turns. On cards of their own they work side by side.',
  sharing: {
    auto: 'Take turns where both are on this machine and ComfyUI uses a card',
    always: 'Always take turns',
    never: 'Never: there is room for both, or I see to it',
  },
  fields: {
    sharing: 'Ollama and ComfyUI',
    ollama: 'Cards of Ollama',
    comfyui: 'Cards of ComfyUI',
  },
  cardsHint: 'As nvidia-smi numbers them, with commas between; empty: the first.',
  wrong: 'Numbers from 0 to 31, with commas between.',
} as const
