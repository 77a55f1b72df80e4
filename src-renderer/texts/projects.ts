import { MAX_REQUIREMENTS } from '#contract/requirements.ts'
import { bytes, number } from './figures.ts'

export const projectsTexts = {
  search: 'Search projects',
  noneFound: (search: string) => `No project is called “${search}”.`,
  empty: 'Write down what you want',
  emptyHint:
    'A model turns it into a plan. You change the plan as you like and approve it. Then Baton runs it task by task, within your budget, and leaves verified files behind.',
  emptySample: 'Set up, or try a sample',
  emptyKeys: 'starts one from anywhere',
  columns: { name: 'Name', state: 'State', progress: 'Tasks', cost: 'Cost', changed: 'Changed' },
  noTasks: 'no tasks yet',
  canWait: 'can wait',
  canWaitTitle: 'Calls of its tasks wait for batches, at half the price.',
} as const

export const noModelTexts = {
  title: 'No model is ready to work',
  hint: 'Start Ollama on this machine, or enter a key of a paid provider. To try everything without either, use the demo model: it is no AI, but it plans from your text and writes real files.',
  key: 'Enter a key',
  firstRun: 'See what was found',
  demo: 'Use the demo model',
} as const

export const newProjectTexts = {
  title: 'New project',
  requirements: 'What do you want?',
  requirementsHint:
    'Say what should exist at the end and how one can tell that it is right. You see and change the plan before anything runs.',
  placeholder:
    'A field guide to the birds of Lake Constance: one markdown file per bird for twelve birds, an index with links, and a glossary.',
  counter: (used: number) => `${number(used)} / ${number(MAX_REQUIREMENTS)}`,
  tooLong: (over: number) =>
    `${number(over)} characters too many. Shorten the text, or attach the longer part as a file.`,
  files: 'Files to read',
  filesHint:
    'Drop files anywhere on this page, or choose them: texts, code, PDFs, images. At most 50, each up to 10 MB.',
  dropHere: 'Drop the files to attach them',
  choose: 'Choose files',
  remove: (name: string) => `Remove ${name}`,
  refusedUnreadable: (name: string, why: string) =>
    `${name} cannot be read (${why}). Choose a file; folders can be added to the project's knowledge.`,
  refusedLarge: (name: string, size: number) => `${name} has ${bytes(size)}; a file may have at most 10 MB.`,
  refusedMany: (name: string) => `${name} would be the 51st file; a project may have 50.`,
  name: 'Name',
  nameHint: 'Empty: taken from the plan.',
  workspace: 'Folder',
  workspaceHint: 'Absolute path of an existing folder to work in. Empty: Baton makes a new one.',
  workspaceRelative: 'Write the whole path, from the root of the disk: /home/you/work.',
  budget: 'Budget in $',
  budgetHint: (limit: string | null) =>
    limit === null
      ? 'Empty: only your general limits hold.'
      : `Empty: only your general limits hold (today ${limit} are left).`,
  budgetWrong: 'Write an amount such as 2 or 0.50.',
  localOnly: 'Local models only',
  localOnlyHint: 'Not one byte of this project goes to a paid provider.',
  localOnlyGlobal: 'Set for everything in Settings: no byte goes to a paid provider.',
  canWait: 'Can wait up to a day: half price',
  canWaitHint:
    'Calls of its tasks go to Anthropic in batches. They take minutes to hours; you can take them back at any time.',
  model: 'Model',
  modelHint:
    'By routing, each task gets the cheapest tier that deserves it. Choosing one model uses it for everything.',
  byRouting: 'By routing (recommended)',
  notAvailable: (name: string, reason: string) => `${name} (not available: ${reason})`,
  demoNote: 'The demo model is no AI. It plans from your text and writes real files, so that you can try everything.',
  create: 'Create and plan',
  createHint: 'Planning starts at once. Nothing runs until you approve the plan.',
  cancel: 'Cancel',
  draftKept: 'What you write is kept in this tab until you create the project.',
} as const
