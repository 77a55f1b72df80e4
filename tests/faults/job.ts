import type { PlanDocument, PlanTask } from '../../src-contract/plan.ts'
import type { BrainCall } from '../doubles/brain.ts'

export type Turn = readonly BrainCall[]

/** A task of a plan, and what the double of a model does about it. */
export interface Job {
  readonly task: Partial<PlanTask> & Pick<PlanTask, 'key' | 'artifacts'>
  /** The calls of each turn, by round: the first round is the task, the next its repair. */
  readonly rounds: readonly (readonly Turn[])[]
}

export const fast = { tier: 'fast' as const }
export const local = { tier: 'local' as const }

export const read = (path: string): BrainCall => ({ name: 'read_file', arguments: { path } })
export const write = (path: string, content: string): BrainCall => ({
  name: 'write_file',
  arguments: { path, content },
})
/** Not idempotent: made twice, it leaves the line twice. */
export const addLine = (path: string, line: string): BrainCall => ({
  name: 'edit_file',
  arguments: { path, old_text: '\nend\n', new_text: `\n${line}\nend\n` },
})

export function planOf(title: string, jobs: readonly Job[]): PlanDocument {
  return {
    title,
    summary: '',
    tasks: jobs.map(({ task }) => ({
      title: `Job ${task.key}`,
      description: '',
      type: 'writing',
      complexity: 'medium',
      tools: [],
      depends_on: [],
      acceptance: [],
      verify_command: null,
      write_scope: [],
      hosts: [],
      tier: null,
      ...task,
    })),
  }
}
