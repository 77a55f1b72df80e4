/** All words of the shell itself; those of notifications and the tray are core's. */
export const texts = {
  newProject: 'New project',
  inbox: 'Inbox',
  projects: 'Projects',
  settings: 'Settings',
  help: 'Help',
  guide: 'User guide',
  logs: 'Log folder',
  dataFolder: 'Data folder',
  notOpened: (what: string, why: string) => `${what} could not be opened: ${why}`,
  notDone: 'That could not be done',
  running: (n: number) => (n === 1 ? 'One task is running.' : `${n.toLocaleString('en')} tasks are running.`),
  runningDetail:
    'Baton can let the steps under way finish, for at most 30 seconds, and quit then. What is not finished goes on at the next start; nothing is done twice.',
  finishAndQuit: 'Finish steps and quit',
  keepWorking: 'Keep working',
  ending: 'Baton: steps under way finish, then it quits',
  stays: 'Baton goes on in the tray',
  staysBody:
    'Its work goes on. Open or quit it by its icon in the tray; Settings, Desktop says whether closing the window quits.',
} as const
