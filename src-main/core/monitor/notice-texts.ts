import { formatUsd } from '#contract/money.ts'

function count(n: number, one: string, many: string): string {
  return n === 1 ? `1 ${one}` : `${n.toLocaleString('en')} ${many}`
}

/** All words of notifications and of the tray. */
export const noticeTexts = {
  done: (name: string) => `${name} is done`,
  doneBody: (tasks: number, cost_micros: number) => `${count(tasks, 'task', 'tasks')}, ${formatUsd(cost_micros)}.`,
  needsYou: (name: string) => `${name} needs you`,
  planReady: 'Its plan is ready. Nothing runs until you approve it.',
  answers: (n: number) => `${count(n, 'question waits', 'questions wait')} for your answer.`,
  waits: 'It cannot go on by itself.',
  projectFailed: (name: string) => `${name} failed`,
  tasksFailed: (n: number, name: string) => `${count(n, 'task', 'tasks')} of ${name} failed`,
  backupFailed: 'The backup failed',
  stopped: (name: string) => `The budget stops ${name}`,
  stoppedAll: 'The budget stops work',
  stoppedBody: (used: number, limit: number) =>
    `${formatUsd(used)} of ${formatUsd(limit)} is spent or set aside. Raise the limit to go on from here.`,
  warning: (scope: string) => `${scope}: most of the budget is used`,
  warningBody: (used: number, limit: number) => `${formatUsd(used)} of ${formatUsd(limit)}.`,
  scopes: { day: 'Today', month: 'This month', global: 'All time', project: 'Project', task: 'Task', run: 'Attempt' },
  tray: {
    idle: 'nothing runs',
    paused: 'paused',
    trouble: 'cannot write to its disk',
    failures: (n: number) => `${count(n, 'project', 'projects')} failed`,
    needsYou: (n: number) => `${n.toLocaleString('en')} need you`,
    running: (n: number) => `${n.toLocaleString('en')} running`,
    queued: (n: number) => `${n.toLocaleString('en')} queued`,
    today: (settled: number, reserved: number, limit: number | null) =>
      `Today ${formatUsd(settled)}${reserved > 0 ? ` + ${formatUsd(reserved)} set aside` : ''}${limit === null ? '' : ` of ${formatUsd(limit)}`}`,
    open: 'Open Baton',
    inbox: (n: number) => (n === 0 ? 'Inbox' : `Inbox: ${n.toLocaleString('en')} need you`),
    pause: 'Pause all',
    resume: 'Resume all',
    quit: 'Quit',
  },
} as const
