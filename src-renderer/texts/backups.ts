import { counted } from './figures.ts'

export const backupTexts = {
  title: 'Backups',
  hint: (daily: boolean, kept: number) =>
    `A backup is a copy of Baton’s database, its large texts and its configuration, made while everything goes on and checked before it counts. ${daily ? 'Baton makes one every day' : 'Baton makes none by itself'} and keeps the last ${kept}. The files of your projects are not in it: export a project to keep those.`,
  make: 'Back up now',
  making: 'Making a backup',
  made: 'The backup is made and checked.',
  empty: 'No backup yet',
  emptyWhy: 'Without one, nothing can be restored.',
  columns: { time: 'Made', size: 'Size', state: 'Checked', actions: '' },
  atItsMaking: 'when it was made',
  whole: (when: string) => `whole, ${when}`,
  damaged: (problems: number) => counted(problems, 'problem'),
  findings: (count: number) => `true copy; ${counted(count, 'finding')} in the database itself`,
  findingsWhy: 'The chains did not fit the database when this backup was made. `baton doctor` says more.',
  verify: 'Verify',
  verifying: 'Reading it',
  damagedTitle: 'This backup cannot be restored',
  damagedDo: 'Restore another one if you need to, and make a new one now.',
  restore: 'Restore …',
  restoreTitle: 'Restore this backup',
  restoreWhat: [
    'The database goes back to how it was then. Projects, tasks, plans, costs and settings that came later are gone from it; the database of now is kept beside it.',
    'Files in workspaces stay as they are. What was spent since is no longer counted against your limits, though it was billed.',
    'A paid call that was open at that moment is booked in full and flagged, so that you can correct it.',
  ],
  restoreHow: 'A database cannot be swapped under a running Baton. End Baton first, then run this in a terminal:',
  restoreAfter: 'It checks everything before it changes anything, and says what it did. Then start Baton again.',
  copy: 'Copy the command',
  copied: 'Copied. End Baton before you run it.',
  close: 'Close',
} as const
