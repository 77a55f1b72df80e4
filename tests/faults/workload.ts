import { type Brain, type BrainRequest, defaultBrain } from '../doubles/brain.ts'
import { addLine, fast, type Job, local, planOf, write } from './job.ts'
import { STEERED_JOBS } from './steered.ts'

/** Planned by the double of a planner: three tasks, one after the other. */
export const PLANNED = { name: 'planned', requirements: 'Write a short report about gulls', budget_micros: 500_000 }

/** Little money on purpose: calls wait for each other's reservations, and for a person who raises the limit. */
export const MIXED = { name: 'mixed', requirements: 'Do what the plan says', budget_micros: 150_000 }

/** Two tasks add to the same file and so must not run together; one fails its first check; two run on the local model. */
const JOBS: readonly Job[] = [
  { task: { key: 'base', artifacts: ['shared.txt'], ...fast }, rounds: [[[write('shared.txt', 'start\nend\n')]]] },
  {
    task: { key: 'left', artifacts: ['shared.txt'], depends_on: ['base'], ...fast },
    rounds: [[[addLine('shared.txt', 'left 1')], [addLine('shared.txt', 'left 2')]]],
  },
  {
    task: { key: 'right', artifacts: ['shared.txt'], depends_on: ['base'], ...local },
    rounds: [[[addLine('shared.txt', 'right 1'), addLine('shared.txt', 'right 2')]]],
  },
  {
    task: { key: 'data', artifacts: ['data.json'], ...fast },
    rounds: [[[write('data.json', '{"items": [')]], [[write('data.json', '{"items": []}\n')]]],
  },
  {
    task: { key: 'pages', artifacts: ['pages/a.md', 'pages/b.md'], ...local },
    rounds: [[[write('pages/a.md', '# A\n'), write('pages/b.md', '# B\n')]]],
  },
  {
    task: { key: 'index', artifacts: ['index.md'], depends_on: ['left', 'right', 'data', 'pages'], ...fast },
    rounds: [[[write('index.md', '# Index\n\n- [A](pages/a.md)\n- [B](pages/b.md)\n')]]],
  },
]

export const MIXED_PLAN = planOf('Mixed', JOBS)

/** How many tasks these two projects have in the end. */
export const TASKS = JOBS.length + 3

/** What the mixed project leaves behind. The lines between `start` and `end` come in either order of their tasks. */
export const MIXED_FILES: Readonly<Record<string, string>> = {
  'data.json': '{"items": []}\n',
  'index.md': '# Index\n\n- [A](pages/a.md)\n- [B](pages/b.md)\n',
  'pages/a.md': '# A\n',
  'pages/b.md': '# B\n',
}
export const SHARED_FILE = 'shared.txt'
export const SHARED_LINES = ['left 1', 'left 2', 'right 1', 'right 2']
export const PLANNED_FILES = ['draft.md', 'notes.md', 'summary.md']

/** Answers as the jobs say, and everything else as any double does. It looks only at what it is asked. */
export const workloadBrain: Brain = (request) => {
  const key = /^Title: Job (\w+)$/m.exec(request.messages[0]?.text ?? '')?.[1]
  const job = [...JOBS, ...STEERED_JOBS].find(({ task }) => task.key === key)
  if (job === undefined || request.tools.length === 0) return defaultBrain(request)
  const { round, turn } = placeOf(request)
  const tool_calls = job.rounds[round]?.[turn] ?? []
  return { text: tool_calls.length === 0 ? `Job ${key} is done.` : `Turn ${turn}.`, tool_calls }
}

function placeOf({ messages }: BrainRequest): { round: number; turn: number } {
  const lastOrder = messages.findLastIndex((message) => message.role === 'user')
  return {
    round: messages.filter((message) => message.role === 'user').length - 1,
    turn: messages.slice(lastOrder).filter((message) => message.role === 'assistant').length,
  }
}
