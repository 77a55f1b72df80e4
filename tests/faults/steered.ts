import { fast, type Job, local, planOf, read, type Turn, write } from './job.ts'

/** A project that a person meddles with: cancels, undoes, pauses and retries its tasks. */
export const STEERED = {
  name: 'steered',
  requirements: 'Do what the plan says, and what I say',
  budget_micros: 5_000_000,
}

/** Too large for a row of the journal once it is JSON, so it goes to a file of its own. */
export const STEERED_INPUT = { name: 'big.txt', text: `${'"'.repeat(1_800)}\n`.repeat(25) }

/** Whatever a retry or a repair asks for, the same is done. */
const always = (...turns: Turn[]): Job['rounds'] => Array.from({ length: 6 }, () => turns)

export const STEERED_JOBS: readonly Job[] = [
  {
    task: { key: 'steered_read', artifacts: ['steered/read.md'], ...fast },
    rounds: always([read('inputs/big.txt')], [write('steered/read.md', '# Read\n')]),
  },
  {
    task: { key: 'steered_one', artifacts: ['steered/one.md'], ...local },
    rounds: always([write('steered/one.md', '# One\n')]),
  },
  {
    task: { key: 'steered_two', artifacts: ['steered/two.md'], depends_on: ['steered_one'], ...fast },
    rounds: always([write('steered/two.md', '# Two\n')]),
  },
]

export const STEERED_PLAN = planOf('Steered', STEERED_JOBS)

/** What it leaves behind, however often it was taken back and done again. */
export const STEERED_FILES: Readonly<Record<string, string>> = {
  'inputs/big.txt': STEERED_INPUT.text,
  'steered/one.md': '# One\n',
  'steered/read.md': '# Read\n',
  'steered/two.md': '# Two\n',
}

/** Whether a question to a model is about one of these tasks, and so may be asked again after a retry. */
export function isSteered(question: string): boolean {
  return question.includes('Job steered_')
}
