import type { PlanDocument, PlanTask } from '../../src-contract/plan.ts'
import { planDocument } from '../../src-contract/plan.ts'
import { type Complexity, complexity, type TaskType, type Tier, taskType } from '../../src-contract/states.ts'
import { evenlySpread } from '../../src-main/core/plan/evenly-spread.ts'
import type { TaskUse } from '../../src-main/core/plan/past-tasks.ts'

/** How a project differs from others: all of its tasks need more or fewer tokens, and the machine is slower or faster. */
export interface ProjectFactors {
  readonly tokens: number
  readonly pace: number
}

/**
 * Projects whose distributions are known: the tokens of a task are log-normal around a middle that its type and complexity
 * give, a task in five is repaired, and all tasks of a project are off in the same direction. The same seed gives the same ones.
 */
export interface ProjectWorld {
  plan(): PlanDocument
  factors(): ProjectFactors
  /** What one task uses; `level` is how much more than at the beginning (1). */
  use(task: PlanTask, tier: Tier, project: ProjectFactors, level: number): TaskUse
  /** How long (ms) tasks of these times take when whatever is ready and fits beside those that run starts in any order. */
  makespan(
    plan: PlanDocument,
    times: readonly number[],
    fits: (task: PlanTask, running: readonly PlanTask[]) => boolean,
  ): number
  /** Input and output tokens of the closing summary, which no plan names. */
  summary(): { input_tokens: number; output_tokens: number; ms: number }
}

const INPUT: Readonly<Record<Complexity, number>> = { simple: 5_000, medium: 18_000, complex: 60_000 }
const OF_TYPE: Readonly<Record<TaskType, number>> = {
  research: 1.6,
  analysis: 1.2,
  asset: 0.5,
  code: 2,
  integration: 1.5,
  planning: 0.8,
  writing: 0.7,
  review: 1,
}
const MS_PER_OUTPUT_TOKEN: Readonly<Record<Tier, number>> = { local: 25, fast: 7, strong: 14 }
/** Standard deviations of natural logarithms. */
const VARIES = { input: 0.5, output: 0.3, ms: 0.25, project_tokens: 0.35, project_pace: 0.2 }

export function createProjectWorld(seed: number): ProjectWorld {
  const next = evenlySpread(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const around = (middle: number, varies: number): number => middle * Math.exp(varies * normal())
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))

  return {
    plan() {
      const tasks = Array.from({ length: between(2, 14) }, (_, index) => ({
        key: `t${index}`,
        title: `Task ${index}`,
        type: taskType.options[between(0, taskType.options.length - 1)],
        complexity: complexity.options[[0, 0, 0, 1, 1, 2][between(0, 5)] ?? 0],
        depends_on:
          index === 0 ? [] : [...new Set(Array.from({ length: between(0, 2) }, () => `t${between(0, index - 1)}`))],
      }))
      return planDocument.parse({ title: 'A simulated project', tasks })
    },
    factors: () => ({ tokens: around(1, VARIES.project_tokens), pace: around(1, VARIES.project_pace) }),
    use(task, tier, project, level) {
      const luck = next()
      const tries = luck < 0.05 ? 2.6 : luck < 0.22 ? 1.8 : 1
      const input = around(INPUT[task.complexity] * OF_TYPE[task.type], VARIES.input) * project.tokens * level * tries
      const output = around(0.18, VARIES.output) * input
      const ms = 1_500 * tries + output * around(MS_PER_OUTPUT_TOKEN[tier], VARIES.ms) * project.pace
      const cache_read_tokens = Math.round(input * 0.4)
      return {
        input_tokens: Math.round(input) - cache_read_tokens,
        cache_write_tokens: 0,
        cache_read_tokens,
        output_tokens: Math.round(output),
        call_tokens: Math.round(input / 2),
        ms: Math.round(ms),
      }
    },
    makespan(plan, times, fits) {
      const done = new Set<string>()
      const waiting = new Set(plan.tasks.keys())
      const running: { task: PlanTask; end: number }[] = []
      let now = 0
      while (done.size < plan.tasks.length) {
        const ready = [...waiting].filter((index) => plan.tasks[index]?.depends_on.every((key) => done.has(key)))
        while (ready.length > 0) {
          const [index] = ready.splice(between(0, ready.length - 1), 1)
          const task = index === undefined ? undefined : plan.tasks[index]
          if (index === undefined || task === undefined) continue
          const others = running.map((each) => each.task)
          if (!fits(task, others)) continue
          waiting.delete(index)
          running.push({ task, end: now + (times[index] ?? 0) })
        }
        running.sort((one, other) => other.end - one.end)
        const first = running.pop()
        if (first === undefined) throw new Error('A simulated plan has a cycle')
        now = first.end
        done.add(first.task.key)
      }
      return now
    },
    summary: () => ({
      input_tokens: Math.round(around(1_500, 0.3)),
      output_tokens: Math.round(around(250, 0.3)),
      ms: Math.round(around(4_000, 0.3)),
    }),
  }
}
