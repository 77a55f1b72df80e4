import { bytes } from './figures.ts'

export const exportTexts = {
  button: 'Export',
  title: 'Export this project',
  what: 'One file with everything of the project: plans, tasks, attempts, costs, events, the files of its workspace and the history of their changes.',
  not: 'Not in it: keys, settings, and files whose names are those of secrets, such as .env or *.pem.',
  running:
    'The project is at work. The file holds it as it is at this moment; where it is imported, it will be paused.',
  start: 'Export',
  making: 'Making the file',
  fetching: 'Fetching it',
  done: (name: string, size: number) => `${name} is exported, ${bytes(size)}.`,
  stop: 'Stop',
} as const

export const importTexts = {
  button: 'Import',
  title: 'Import a project',
  what: 'Takes a file that Baton exported, here or on another machine, and makes a new project of it, with a new folder. Nothing of it begins by itself, and what was spent on it before counts against no limit here.',
  choose: 'Choose the file',
  chosen: (name: string, size: number) => `${name}, ${bytes(size)}`,
  start: 'Import',
  sending: 'Reading the file',
  checking: 'Checking it and making the project',
  done: (name: string) => `${name} is imported.`,
  stop: 'Stop',
  cancel: 'Cancel',
} as const
