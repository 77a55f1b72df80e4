import type { Behaviour } from './behaviour.ts'
import type { Brain, BrainCall, BrainRequest } from './brain.ts'
import { countTokens, longText } from './pieces.ts'

/** An answer of the scripted model. `json` of a call is its arguments as text, which may be cut. */
export interface ScriptedAnswer {
  readonly text: string
  readonly calls: readonly { readonly name: string; readonly json: string }[]
  readonly isCut: boolean
  readonly output_tokens: number
}

/** What the model says: the script's words or the brain's, cut at `max_tokens` as a real one is. */
export function composeAnswer(
  how: Behaviour,
  brain: Brain,
  request: () => BrainRequest,
  max_tokens: number,
): ScriptedAnswer {
  const scripted = how.text !== undefined || how.tool_calls !== undefined || how.output_bytes !== undefined
  const said: { text: string; tool_calls: readonly BrainCall[] } = scripted
    ? {
        text: how.text ?? (how.output_bytes === undefined ? '' : longText(how.output_bytes)),
        tool_calls: how.tool_calls ?? [],
      }
    : brain(request())
  const calls = said.tool_calls.map((call) => ({
    name: call.name,
    json: how.kind === 'bad_tool_call' ? '{"path": "notes.md", "con' : JSON.stringify(call.arguments),
  }))
  const chars = said.text.length + calls.reduce((sum, call) => sum + call.json.length, 0)
  const isCut = how.kind === 'max_tokens' || (how.output_bytes === undefined && countTokens(chars) > max_tokens)
  if (!isCut) return { text: said.text, calls, isCut, output_tokens: Math.min(countTokens(chars), max_tokens) }
  const room = how.kind === 'max_tokens' ? Math.min(Math.floor(chars / 2), max_tokens * 4) : max_tokens * 4
  const text = said.text.slice(0, room)
  let left = room - text.length
  const kept = calls.flatMap((call) => {
    const json = call.json.slice(0, left)
    left -= json.length
    return json === '' ? [] : [{ ...call, json }]
  })
  return { text, calls: kept, isCut, output_tokens: countTokens(room) }
}
