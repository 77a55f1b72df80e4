/**
 * A core that dies right behind the commit of what a person said of work that runs: `node sent-away-child.js '{…}'`. Its
 * one task has written a file and waits for its model by then; or its planner waits for its model.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { newProject } from '../../src-contract/project.ts'
import type { Result } from '../../src-contract/result.ts'
import { createCore } from '../../src-main/core/create-core.ts'

export const sentAwayOptions = z.object({
  data_dir: z.string(),
  anthropic: z.string(),
  /** What is said behind the cancelling, in the same commit; null: nothing. */
  retry: z.enum(['start', 'step']).nullable(),
  /** Null: the project is being planned, and is cancelled. */
  plan: z.unknown(),
})
export type SentAwayOptions = z.infer<typeof sentAwayOptions>

function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

async function work(): Promise<void> {
  const { data_dir, anthropic, retry, plan } = sentAwayOptions.parse(JSON.parse(process.argv[2] ?? ''))
  const core = must(
    await createCore({
      ...{ data_dir, version: '0.0.0-faults', anthropic_api_key: 'sk-test', anthropic_base_url: anthropic },
      ...{ ollama_host: 'http://127.0.0.1:9', demo: false, path: process.env['PATH'] },
    }),
  )
  core.execute('all')
  const { id } = must(await core.projects.create(newProject.parse({ requirements: 'Do what the plan says' })))
  if (plan === null) {
    must(await core.projects.plan(id))
    for (;;) {
      const steps = core.runs.steps('run_1')
      if (steps.ok && steps.value.some(({ state }) => state === 'sent')) break
      await sleep(5)
    }
    must(await core.projects.cancel(id))
    process.kill(process.pid, 'SIGKILL')
  }
  const proposed = must(await core.projects.addPlan(id, plan, 'file'))
  must(await core.plans.approve(proposed.id, 5_000_000))
  for (;;) {
    const [task] = must(core.projects.tasks(id, { limit: 1 })).items
    const [run] = task === undefined ? [] : must(core.tasks.runs(task.id)).items
    const steps = run === undefined ? [] : must(core.runs.steps(run.id))
    const isAsking = steps.some(({ kind, state }) => kind === 'model' && state === 'sent')
    if (task !== undefined && isAsking && steps.some(({ kind, state }) => kind === 'tool' && state === 'done')) {
      const said = [core.tasks.cancel(task.id)]
      if (retry !== null) said.push(core.tasks.retry(task.id, retry))
      for (const one of await Promise.all(said)) must(one)
      process.kill(process.pid, 'SIGKILL')
    }
    await sleep(5)
  }
}

await work()
