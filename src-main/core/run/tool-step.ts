import { z } from 'zod'
import { encodeId } from '#contract/ids.ts'
import { later } from '../later.ts'
import { breakerLimits } from '../model/breaker.ts'
import type { ToolCall } from '../model/provider.ts'
import type { RunRow } from '../store/schema.ts'
import { localLlmParameters } from '../tool/local-llm.ts'
import type { OpenToolCall } from '../tool/registry.ts'
import type { Tool, ToolContext, ToolResult, ToolWait } from '../tool/tool.ts'
import { failed, succeeded } from '../tool/tool-result.ts'
import type { ChangeSubject } from '../workspace/checkpoint-recorder.ts'
import { recordChanges } from '../workspace/command-changes.ts'
import type { StepPlace } from './journal.ts'
import { askLocalModel } from './local-help.ts'
import { enterCard } from './on-the-card.ts'
import { type Passage, passed, suspendedRun } from './outcome.ts'
import { retryAt } from './retry.ts'
import type { RunFrame } from './run-frame.ts'
import { runHosts } from './run-hosts.ts'
import { endOf, markMadeAgain, settleCall } from './settle-open-calls.ts'

const toolResult = z.object({ is_error: z.boolean(), text: z.string(), files_changed: z.array(z.string()) })

/**
 * One tool call as a journaled step (T8). What the model asked wrongly comes back to it as a result. A call that was under
 * way when Baton died is settled by what the tool can tell (E5); reads have no effect and are simply done again.
 */
export async function callTool(frame: RunFrame, place: StepPlace, asked: ToolCall): Promise<Passage<ToolResult>> {
  const { services, run } = frame
  const done = services.journal.finished(run.id, place)
  if (done !== null) return passed(toolResult.parse(services.journal.value(done.output)))
  const stop = frame.control.end()
  if (stop !== null) return { ok: false, outcome: stop }

  const opened = services.tools.of(run.project_id).open(asked.name, asked.arguments)
  if (!opened.ok) return passed(await record(frame, place, asked, null, opened.error))
  const toolCall = opened.value
  if (toolCall.tool.asks === 'local_model') {
    const answer = await askLocalModel(frame, place, localLlmParameters.parse(toolCall.parameters))
    return answer.ok ? passed(await record(frame, place, asked, null, answer.value)) : answer
  }
  if (toolCall.tool.asks === 'user') {
    const answer = await services.approvals.answer(run, place, toolCall)
    if (answer.kind === 'asked') return suspendedRun('approval', answer.reason)
    const result = answer.kind === 'answered' ? succeeded(answer.text) : failed(answer.reason)
    return passed(await record(frame, place, asked, null, result))
  }
  if (toolCall.tool.risk === 'read') {
    const result = await toolCall.execute(contextOf(frame, asked.name))
    return passed(await record(frame, place, asked, null, result))
  }

  const hosts = runHosts(frame)
  const never = await toolCall.impossible(hosts)
  if (never !== null) return passed(await record(frame, place, asked, null, failed(never)))
  // A plan's own command was approved with the plan.
  if (place.phase === 'tool_exec') {
    const permission = await services.approvals.ask(run, place, 'call', toolCall, hosts)
    if (permission.kind === 'asked') return suspendedRun('approval', permission.reason)
    if (permission.kind === 'denied') return passed(await record(frame, place, asked, null, failed(permission.reason)))
  }
  const { service } = toolCall.tool
  if (service === undefined) return carryOut(frame, place, asked, toolCall)
  const absent = whyAbsent(frame, service)
  if (absent !== null) return suspendedRun('resource', absent)
  const card = await enterCard(frame, service)
  if (!card.ok) return card
  try {
    return await askService(frame, service, () => carryOut(frame, place, asked, toolCall))
  } finally {
    card.leave()
  }
}

/** A call of a service that is not resting (H2), as which it would be left alone for a while. */
async function askService<T>(
  { services }: RunFrame,
  service: string,
  ask: () => Promise<Passage<T>>,
): Promise<Passage<T>> {
  const may = services.board.mayAsk(service)
  if (!may.ok) return suspendedRun('resource', later('Goes on', may.until, may.reason), may.until)
  try {
    return await ask()
  } finally {
    // Whatever became of it: nobody waits any more for this call to tell whether the service is back.
    services.board.left(service)
  }
}

/** What a call showed of its service, for its breaker. */
function noteService({ services }: RunFrame, tool: Tool, result: ToolResult): void {
  const { service } = tool
  if (service === undefined) return
  if (result.service_failed !== true) {
    services.board.worked(service, false)
    return
  }
  const limits = breakerLimits(services.settings.settings())
  services.board.failed(service, `${result.text} It failed ${limits.failures} times or more in a row.`, limits)
}

/** A call that changes something: settled where it was begun before, otherwise noted, made and recorded. */
async function carryOut(
  frame: RunFrame,
  place: StepPlace,
  asked: ToolCall,
  toolCall: OpenToolCall,
): Promise<Passage<ToolResult>> {
  const { services, run } = frame
  const context = contextOf(frame, asked.name)
  const left = await settleLeftOver(frame, place, asked, toolCall, context)
  if (left !== null) return left

  const prepared = await toolCall.prepare(context)
  if (!prepared.ok) return passed(await record(frame, place, asked, null, prepared.error))
  services.failpoint('before-tool-prepare')
  const step = await services.store.write((tx) =>
    services.journal.begin(tx, run, {
      ...place,
      kind: 'tool',
      name: asked.name,
      input: asked.arguments,
      note: prepared.value,
    }),
  )
  services.failpoint('after-tool-prepare')
  const result = await toolCall.execute(context, prepared.value)
  noteService(frame, toolCall.tool, result)
  if (result.suspends !== undefined) return waitFor(frame, place, asked, step.id, result, result.suspends)
  if (result.disk_refuses) {
    const tries = services.journal.attempts(run.id, place).length
    return suspendedRun('resource', result.text, retryAt(services.settings.settings(), tries, undefined))
  }
  services.failpoint('after-tool-effect')
  return passed(await record(frame, place, asked, step.id, result))
}

/** How often a service that does not answer is asked again, beside being told that it is back. */
const ASK_AGAIN_MS = 30_000

function contextOf(frame: RunFrame, tool: string): ToolContext {
  const { workspace, control, services, run } = frame
  const { checkpoints, log } = services
  const keeper = checkpoints.unavailable === null ? checkpoints.keeper(keysOf(run)) : null
  const subject = {
    project_id: encodeId('project', run.project_id),
    task_id: run.task_id === null ? null : encodeId('task', run.task_id),
    run_id: encodeId('run', run.id),
  }
  return {
    workspace,
    project_id: run.project_id,
    run_id: run.id,
    hosts: runHosts(frame),
    plan_hosts: frame.task?.hosts ?? [],
    signal: control.signal,
    recordChanges: (act) => recordChanges(workspace, keeper, log, act),
    onProgress: (progress) => services.events.announce({ type: 'run.progress', ...subject, tool, progress }),
  }
}

function keysOf({ project_id, task_id, id }: RunRow): ChangeSubject {
  return { project_id, task_id, run_id: id }
}

/** Why a tool's service cannot be used now (H2); it is not even asked while it is known to be down. */
function whyAbsent({ services }: RunFrame, service: string): string | null {
  const { state, detail } = services.board.get(service)
  if (state !== 'down' && state !== 'not_configured') return null
  services.board.want(service)
  return detail
}

/** The run waits, and goes on with this call: with what it began, or by making it again a few times. */
async function waitFor(
  frame: RunFrame,
  place: StepPlace,
  asked: ToolCall,
  stepId: number,
  result: ToolResult,
  { on, reason, open, max_tries }: ToolWait,
): Promise<Passage<ToolResult>> {
  const { services, run, control } = frame
  const stop = control.end()
  const tries = services.journal.attempts(run.id, place).length
  if (!open) {
    if (tries >= max_tries) return passed(await record(frame, place, asked, stepId, result))
    await services.store.write((tx) =>
      services.journal.end(
        tx,
        run,
        { id: stepId, kind: 'tool', name: asked.name },
        { state: 'failed', error: reason, summary: 'made again' },
      ),
    )
  }
  if (stop !== null) return { ok: false, outcome: stop }
  if (on === 'retry') return suspendedRun('retry', reason, retryAt(services.settings.settings(), tries, undefined))
  const service = services.tools.get(asked.name)?.service
  if (service !== undefined) {
    services.board.report(service, { state: 'down', detail: reason, models: [] })
    services.board.want(service)
  }
  return suspendedRun('resource', reason, Date.now() + ASK_AGAIN_MS)
}

/** Risks of calls whose effect lies where nobody can look: a person says whether they are made again (E5). */
const ASKED_AGAIN: ReadonlySet<string> = new Set(['execute', 'network', 'spend'])

/** What became of a call that a dead process had begun here, or that was left open; null where it is to be made (again). */
async function settleLeftOver(
  frame: RunFrame,
  place: StepPlace,
  asked: ToolCall,
  toolCall: OpenToolCall,
  context: ToolContext,
): Promise<Passage<ToolResult> | null> {
  const open = frame.services.journal.attempts(frame.run.id, place).find((step) => step.state === 'sent')
  if (open === undefined) return null
  const recovery = await settleCall(frame.services, frame.run, open, toolCall, context)
  switch (recovery.kind) {
    case 'done':
      return passed(recovery.result)
    case 'redo':
      return null
    case 'wait': {
      const stop = frame.control.end()
      if (stop !== null) return { ok: false, outcome: stop }
      return suspendedRun('resource', recovery.reason, Date.now() + ASK_AGAIN_MS)
    }
    case 'unknown': {
      if (ASKED_AGAIN.has(toolCall.tool.risk)) {
        const permission = await frame.services.approvals.ask(frame.run, place, 'repeat', toolCall, runHosts(frame))
        if (permission.kind === 'asked') return suspendedRun('approval', permission.reason)
        if (permission.kind === 'allowed') {
          await markMadeAgain(frame.services, frame.run, open)
          return null
        }
      }
      const text = `Baton was stopped while this call was under way. ${recovery.reason} Look at the present state before you go on.`
      return passed(await record(frame, place, asked, open.id, { is_error: true, text, files_changed: [] }))
    }
  }
}

async function record(
  frame: RunFrame,
  place: StepPlace,
  asked: ToolCall,
  stepId: number | null,
  result: ToolResult,
): Promise<ToolResult> {
  const { services, run } = frame
  await services.store.write((tx) => {
    const id =
      stepId ?? services.journal.begin(tx, run, { ...place, kind: 'tool', name: asked.name, input: asked.arguments }).id
    services.journal.end(tx, run, { id, kind: 'tool', name: asked.name }, endOf(result))
  })
  services.failpoint('after-tool-done')
  return result
}
