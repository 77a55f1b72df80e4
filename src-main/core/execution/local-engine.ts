import { eq, sql } from 'drizzle-orm'
import { encodeId } from '#contract/ids.ts'
import type { Result } from '#contract/result.ts'
import { correlated } from '../correlation.ts'
import type { ModelCatalog } from '../model/catalog.ts'
import { failedRun, type RunEnd, suspendedRun } from '../run/outcome.ts'
import { openPhaseTrail } from '../run/phase-trail.ts'
import { runPlan } from '../run/plan-run.ts'
import { RunControl } from '../run/run-control.ts'
import type { RunFrame, RunServices } from '../run/run-frame.ts'
import { runSummary } from '../run/summary-run.ts'
import { runTask } from '../run/task-run.ts'
import { project, run, task } from '../store/schema.ts'
import { troubleOf } from '../store/trouble.ts'
import type { FileRefusal, Workspace } from '../workspace/workspace.ts'
import type { Engine, ReportRun, RunSpec } from './engine.ts'

const STOPPED: RunEnd = { outcome: { kind: 'cancelled', reason: 'It was stopped before it began.' } }

/** Runs in this process. A bug in a run ends that run as failed, with the bug in the log. */
export function createLocalEngine(
  services: RunServices,
  catalog: ModelCatalog,
  openWorkspace: (root: string) => Promise<Result<Workspace, FileRefusal>>,
): Engine {
  // Read with every run: to build their SQL each time costs more than to answer it.
  const { orm } = services.store
  const id = sql.placeholder('id')
  const runById = orm.select().from(run).where(eq(run.id, id)).prepare()
  const projectById = orm.select().from(project).where(eq(project.id, id)).prepare()
  const taskById = orm.select().from(task).where(eq(task.id, id)).prepare()
  const controls = new Map<number, RunControl>()
  let report: ReportRun = () => undefined

  async function carryOut(spec: RunSpec, control: RunControl): Promise<RunEnd> {
    const runRow = runById.get({ id: spec.run_id })
    const projectRow = runRow === undefined ? undefined : projectById.get({ id: runRow.project_id })
    if (runRow === undefined || projectRow === undefined) throw new Error(`Run ${spec.run_id} has no rows`)
    const profile = runRow.profile === null ? undefined : catalog.get(runRow.profile)
    const provider = profile === undefined ? undefined : catalog.provider(profile.provider)
    if (profile === undefined || provider === undefined) {
      return failedRun(`The model profile ${runRow.profile ?? ''} does not exist any more. Choose another.`)
    }
    const taskRow = runRow.task_id === null ? null : (taskById.get({ id: runRow.task_id }) ?? null)
    // Somebody stopped it in the very commit that let it go on, when there was nothing to tell yet.
    if (runRow.state !== 'running' || taskRow?.state === 'cancelled') return STOPPED
    await services.needPrograms()
    const workspace = await openWorkspace(projectRow.workspace)
    if (!workspace.ok) return failedRun(`The workspace cannot be used. ${workspace.error.message}`)

    const frame: RunFrame = {
      services,
      run: runRow,
      project: projectRow,
      task: taskRow,
      profile,
      provider,
      workspace: workspace.value,
      control,
      trail: openPhaseTrail(services.store, services.events, runRow),
    }
    const of = {
      correlation_id: runRow.correlation_id,
      run_id: encodeId('run', runRow.id),
      ...(taskRow === null ? {} : { task_id: encodeId('task', taskRow.id) }),
    }
    return correlated(of, async () => {
      const began = performance.now()
      const end = await goThrough(frame)
      const { kind } = end.outcome
      services.log.info('A run ended', { outcome: kind, duration_ms: Math.round(performance.now() - began) })
      return end
    })
  }

  async function goThrough(frame: RunFrame): Promise<RunEnd> {
    const { run: runRow, task: taskRow } = frame
    switch (runRow.kind) {
      case 'plan':
        return { outcome: await runPlan(frame) }
      case 'summary':
        return { outcome: await runSummary(frame) }
      case 'task':
        if (taskRow === null) throw new Error(`Run ${runRow.id} of kind task has no task`)
        return runTask(frame, taskRow)
    }
  }

  return {
    submit(spec) {
      const control = new RunControl()
      controls.set(spec.run_id, control)
      let timer: NodeJS.Timeout
      const setTimer = (): void => {
        timer = setTimeout(() => {
          // Time in which nothing could be written down is not the task's.
          if (services.store.trouble() === null) control.abort('timeout')
          else setTimer()
        }, spec.timeout_ms)
      }
      setTimer()
      carryOut(spec, control)
        .catch((cause: unknown): RunEnd => {
          if (troubleOf(cause) !== null) {
            services.store.report(cause)
            return suspendedRun('resource', waitsForDisk(cause), Date.now())
          }
          services.log.error('A run ended by a bug', { run_id: spec.run_id, error: describe(cause) })
          const what = cause instanceof Error ? cause.message : String(cause)
          return failedRun(`Baton itself failed here: ${what}. The log has the details; retrying is safe.`)
        })
        .then((end) => {
          clearTimeout(timer)
          controls.delete(spec.run_id)
          report(spec.run_id, end)
        })
        .catch((cause: unknown) => services.log.error('An outcome was not taken', { error: describe(cause) }))
    },
    cancel: (runId, why) => controls.get(runId)?.abort(why),
    stopSoon: (runId, why) => controls.get(runId)?.stopSoon(why),
    observe(listener) {
      report = listener
    },
  }
}

function waitsForDisk(cause: unknown): string {
  return `The disk failed here: ${cause instanceof Error ? cause.message : String(cause)}. It goes on from its last step when the disk answers.`
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
