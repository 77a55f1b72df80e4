import { z } from 'zod'
import type { ToolCall } from '../model/provider.ts'
import type { OpenToolCall } from '../tool/registry.ts'
import type { ToolContext, ToolResult } from '../tool/tool.ts'
import type { StepPlace } from './journal.ts'
import { type Passage, passed, suspendedRun } from './outcome.ts'
import { retryAt } from './retry.ts'
import type { RunFrame } from './run-frame.ts'
import { endOf, settleCall } from './settle-open-calls.ts'

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

  const context: ToolContext = { workspace: frame.workspace, signal: frame.control.signal }
  const opened = services.tools.open(asked.name, asked.arguments)
  if (!opened.ok) return passed(await record(frame, place, asked, null, opened.error))
  const toolCall = opened.value
  if (toolCall.tool.risk === 'read') {
    return passed(await record(frame, place, asked, null, await toolCall.execute(context)))
  }

  const left = await settleLeftOver(frame, place, asked, toolCall, context)
  if (left !== null) return passed(left)

  const prepared = await toolCall.prepare(context)
  if (!prepared.ok) return passed(await record(frame, place, asked, null, prepared.error))
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
  const result = await toolCall.execute(context)
  if (result.disk_full) {
    const tries = services.journal.attempts(run.id, place).length
    return suspendedRun('resource', result.text, retryAt(services.settings.settings(), tries, undefined))
  }
  services.failpoint('after-tool-effect')
  return passed(await record(frame, place, asked, step.id, result))
}

/** What became of a call that a dead process had begun here; null where it is to be made (again). */
async function settleLeftOver(
  frame: RunFrame,
  place: StepPlace,
  asked: ToolCall,
  toolCall: OpenToolCall,
  context: ToolContext,
): Promise<ToolResult | null> {
  const open = frame.services.journal.attempts(frame.run.id, place).find((step) => step.state === 'sent')
  if (open === undefined) return null
  const recovery = await settleCall(frame.services, frame.run, open, toolCall, context)
  switch (recovery.kind) {
    case 'done':
      return recovery.result
    case 'redo':
      return null
    case 'unknown': {
      const text = `Baton was stopped while this call was under way. ${recovery.reason} Look at the present state before you go on.`
      return record(frame, place, asked, open.id, { is_error: true, text, files_changed: [] })
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
