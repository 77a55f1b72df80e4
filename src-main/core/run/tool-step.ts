import { z } from 'zod'
import type { ToolCall } from '../model/provider.ts'
import type { OpenToolCall } from '../tool/registry.ts'
import type { ToolContext, ToolResult } from '../tool/tool.ts'
import type { StepPlace } from './journal.ts'
import { type Passage, passed, suspendedRun } from './outcome.ts'
import { retryAt } from './retry.ts'
import type { RunFrame } from './run-frame.ts'

const toolResult = z.object({ is_error: z.boolean(), text: z.string(), files_changed: z.array(z.string()) })
const toolNote = z.record(z.string(), z.unknown())

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
  const recovery = await toolCall.recover(toolNote.catch({}).parse(open.note), context)
  if (recovery.kind === 'done') return record(frame, place, asked, open.id, recovery.result)
  if (recovery.kind === 'unknown') {
    const text = `Baton was stopped while this call was under way. ${recovery.reason} Look at the present state before you go on.`
    return record(frame, place, asked, open.id, { is_error: true, text, files_changed: [] })
  }
  const step = { id: open.id, kind: 'tool' as const, name: asked.name }
  await frame.services.store.write((tx) =>
    frame.services.journal.end(tx, frame.run, step, {
      state: 'failed',
      error: 'Baton was stopped, or the disk was full, before this call took effect; it is made again.',
      summary: 'made again',
    }),
  )
  return null
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
    services.journal.end(
      tx,
      run,
      { id, kind: 'tool', name: asked.name },
      {
        state: 'done',
        output: result,
        error: result.is_error ? result.text.slice(0, 2_000) : null,
        files_changed: result.files_changed,
        summary: result.is_error ? 'refused' : result.files_changed.join(', '),
      },
    )
  })
  services.failpoint('after-tool-done')
  return result
}
