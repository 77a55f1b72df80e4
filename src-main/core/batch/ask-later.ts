import { eq } from 'drizzle-orm'
import { modelFault } from '../model/fault.ts'
import type { ModelRequest } from '../model/provider.ts'
import { wireBytes } from '../model/request-images.ts'
import { afterFault } from '../run/after-fault.ts'
import type { StepPlace } from '../run/journal.ts'
import { staysLocal } from '../run/kept-back.ts'
import { openCall } from '../run/open-call.ts'
import { type Ending, suspendedRun } from '../run/outcome.ts'
import { overBudget } from '../run/over-budget.ts'
import type { RunFrame } from '../run/run-frame.ts'
import { type BatchRequestRow, project as projectTable, task as taskTable } from '../store/schema.ts'
import { isCheaperBatched } from './batch-price.ts'
import { batchWaitWords } from './batch-words.ts'

/**
 * Puts a call that can wait into the next batch and has its run wait, or takes up what became of it there. Null: the call is
 * to be made directly. Its answer is not taken here: it is in the journal.
 */
export async function askLater(frame: RunFrame, place: StepPlace, request: ModelRequest): Promise<Ending | null> {
  const { services, run, provider } = frame
  const before = services.batches.lastAt(run.id, place.key)
  switch (before?.state) {
    case 'collecting':
    case 'sent':
      if (before.dropped) break
      return goOnWaiting(frame, before)
    case 'faulted': {
      const fault = modelFault.parse(before.fault)
      await services.store.write((tx) => services.batches.move(tx, before.id, 'failed'))
      // A fault of a model that is not asked any more says nothing about this one.
      if (before.profile === frame.profile.name) return afterFault(frame, place, fault, true)
      break
    }
    case 'expired':
      return null
  }
  if (!canWait(frame, place)) return null
  const kept = staysLocal(frame)
  if (kept !== null) return kept
  const opened = await services.store.write((tx) => {
    const call = openCall(tx, frame, place, request, { kind: 'batched' })
    if (!call.ok) return call
    if (call.reservation_id === null) throw new Error(`${provider.id} has batches, so its calls are paid`)
    services.batches.add(tx, {
      provider: provider.id,
      model: frame.profile.model,
      profile: frame.profile.name,
      tier: run.tier,
      project_id: run.project_id,
      task_id: run.task_id ?? 0,
      run_id: run.id,
      step_id: call.step_id,
      reservation_id: call.reservation_id,
      attempt: call.attempt,
      bytes: wireBytes(request),
    })
    return call
  })
  if (!opened.ok) return overBudget(run, opened)
  services.failpoint('after-batch-joined')
  return waits(frame)
}

/** It is asked for already. A run that goes elsewhere leaves it behind; what it costs is settled all the same. */
async function goOnWaiting(frame: RunFrame, before: BatchRequestRow): Promise<Ending | null> {
  const kept = staysLocal(frame)
  if (kept !== null) return kept
  if (before.provider === frame.provider.id) return waits(frame)
  const { store, batches } = frame.services
  if (await store.write((tx) => batches.drop(tx, before.id))) return null
  // It ended at this moment: what came of it is found on the next way through.
  return suspendedRun('retry', 'The batch has just ended.', Date.now())
}

/** Its task says how far the batch is, as long as it waits. */
function waits({ provider }: RunFrame): Ending {
  return suspendedRun('batch', batchWaitWords(provider.id))
}

/** What is done about a task; nobody waits a day for a plan, or for closing words. */
const WAITING_PHASES: ReadonlySet<StepPlace['phase']> = new Set(['tool_exec', 'verifier'])

/** Only what a person said can wait, which is asked anew each time. */
function canWait({ services, run, provider, profile }: RunFrame, { phase }: StepPlace): boolean {
  if (provider.batches === undefined || run.task_id === null || !WAITING_PHASES.has(phase)) return false
  if (!isCheaperBatched(services.prices, profile.model, Date.now())) return false
  const said = services.store.orm
    .select({ can_wait: projectTable.can_wait, at_once: taskTable.at_once })
    .from(taskTable)
    .innerJoin(projectTable, eq(projectTable.id, taskTable.project_id))
    .where(eq(taskTable.id, run.task_id))
    .get()
  return said?.can_wait === true && !said.at_once
}
