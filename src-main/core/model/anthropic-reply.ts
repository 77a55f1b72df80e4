import { type AnthropicAnswer, toolCalls, toUsage } from './anthropic-answer.ts'
import type { ModelFault } from './fault.ts'
import type { ModelReply } from './provider.ts'

const WHO = 'Anthropic'

/** What a whole answer says. */
export function toReply(answer: AnthropicAnswer, model: string): ModelReply {
  const calls = toolCalls(answer)
  const usage = answer.usage === null ? null : toUsage(answer.usage)
  const fault = (kind: ModelFault['kind'], message: string, maybe_billed = usage === null): ModelReply => ({
    ok: false,
    fault: { kind, message, maybe_billed, ...(usage === null ? {} : { usage }) },
  })

  if (answer.problem !== '') {
    return fault('invalid', `Anthropic sent something that is not of its format: ${answer.problem}. Try again.`, true)
  }
  if (!answer.finished || answer.stop_reason === null || usage === null) {
    return fault('truncated', `${WHO}'s answer ended before it was complete. Try again; the call may be billed.`, true)
  }
  const base = { ok: true as const, text: answer.text, tool_calls: calls, usage }
  switch (answer.stop_reason) {
    case 'refusal':
      return fault(
        'refused',
        `${model} declined to answer${answer.explanation === '' ? '' : `: "${answer.explanation}"`}. Change the task's wording, or choose another model.`,
      )
    case 'model_context_window_exceeded':
      return fault('context_too_long', `The prompt and the answer do not fit ${model} together. Split the task.`)
    case 'max_tokens':
      return { ...base, stop_reason: 'max_tokens' }
    case 'end_turn':
    case 'stop_sequence':
    case 'tool_use':
      return { ...base, stop_reason: calls.length > 0 ? 'tool_calls' : 'end' }
    default:
      return fault('invalid', `${WHO} stopped for a reason that Baton does not know: "${answer.stop_reason}".`)
  }
}
