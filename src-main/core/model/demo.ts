import { setTimeout as sleep } from 'node:timers/promises'
import { demoHint } from './demo-hint.ts'
import { demoPlan } from './demo-plan.ts'
import { demoPrompt } from './demo-prompt.ts'
import { type DemoTurn, demoTurn } from './demo-task.ts'
import { DEMO_LINE, shortLine } from './demo-text.ts'
import type { CompletionContext, ModelProvider, ModelReply, ModelRequest } from './provider.ts'

export interface DemoOptions {
  /** Pause before each piece of an answer in milliseconds, so that a person can watch. Default 0. */
  readonly pace_ms?: number
}

/** How many pieces an answer streams in. */
const PIECES = 4

/**
 * The provider `demo` (R2): a deterministic stand-in without network, key, GPU or AI. It plans any requirement from its
 * text and does tasks through the real tools, by the facts in `request.hint`. The same request gets the same answer. In
 * tasks of type `integration` its first try is wrong in one link, so that verification and repair can be watched.
 */
export function createDemoProvider(options: DemoOptions = {}): ModelProvider {
  const pace_ms = options.pace_ms ?? 0
  return {
    id: 'demo',
    paid: false,
    complete: (request, context) => complete(request, context, pace_ms),
    check: async () => ({ state: 'healthy', detail: 'Built in; demo: no AI.', models: ['demo'] }),
  }
}

async function complete(request: ModelRequest, context: CompletionContext, pace_ms: number): Promise<ModelReply> {
  const turn = answer(request)
  const called = turn.calls.map((call) => JSON.stringify(call.arguments)).join('')
  const output = tokens(turn.text + called)
  const isCut = output > request.max_tokens
  const text = isCut
    ? Buffer.from(turn.text)
        .subarray(0, request.max_tokens * 4)
        .toString()
    : turn.text
  for (const piece of pieces(text)) {
    if (!(await pause(pace_ms, context.signal))) {
      const message = 'The demo model was stopped before it had answered, because the call was cancelled.'
      return { ok: false, fault: { kind: 'aborted', message, maybe_billed: false } }
    }
    context.onDelta({ kind: 'text', text: piece })
  }
  return {
    ok: true,
    text,
    tool_calls: isCut ? [] : turn.calls,
    stop_reason: isCut ? 'max_tokens' : turn.calls.length > 0 ? 'tool_calls' : 'end',
    usage: {
      input: inputTokens(request),
      output: Math.min(output, request.max_tokens),
      cache_write_5m: 0,
      cache_write_1h: 0,
      cache_read: 0,
    },
  }
}

function answer(request: ModelRequest): DemoTurn {
  const hint = demoHint.safeParse(request.hint)
  if (!hint.success) {
    const text = `The demo model is no AI: it plans and does tasks inside Baton, but cannot answer questions. Choose a local or cloud model for this.`
    return { text, calls: [] }
  }
  switch (hint.data.purpose) {
    case 'plan': {
      const { requirements, note } = hint.data
      return { text: JSON.stringify(demoPlan(note === '' ? requirements : `${requirements}\n${note}`)), calls: [] }
    }
    case 'prompt':
      return { text: JSON.stringify(demoPrompt(hint.data.phase, hint.data.prompt)), calls: [] }
    case 'task':
      return demoTurn(request, hint.data)
    case 'summary':
      return { text: summary(hint.data.requirements, hint.data.tasks), calls: [] }
  }
}

interface DoneTask {
  readonly title: string
  readonly state: string
  readonly artifacts: readonly string[]
}

function summary(requirements: string, tasks: readonly DoneTask[]): string {
  const done = tasks.filter((task) => task.state === 'succeeded')
  const rest = tasks.filter((task) => task.state !== 'succeeded')
  const files = done.flatMap((task) => task.artifacts)
  const first = done.findLast((task) => task.artifacts.length > 0)?.artifacts[0]
  return [
    `${done.length} of ${tasks.length} tasks are done for "${shortLine(requirements)}".`,
    `They left ${files.length} ${files.length === 1 ? 'file' : 'files'}.${first === undefined ? '' : ` Open ${first} first.`}`,
    ...rest.map((task) => `Not done: ${task.title} (${task.state}).`),
    DEMO_LINE,
  ].join(' ')
}

function tokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4)
}

function inputTokens(request: ModelRequest): number {
  return tokens(request.system + JSON.stringify(request.messages) + JSON.stringify(request.tools))
}

/** The text in a few pieces, cut between words. */
function pieces(text: string): string[] {
  const size = Math.max(1, Math.ceil(text.length / PIECES))
  const cut: string[] = []
  for (let start = 0; start < text.length; ) {
    const space = text.indexOf(' ', start + size)
    const end = space === -1 ? text.length : space + 1
    cut.push(text.slice(start, end))
    start = end
  }
  return cut
}

/** Waits; false when the call was cancelled. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted || ms <= 0) return !signal.aborted
  return await sleep(ms, true, { signal }).catch(() => false)
}
