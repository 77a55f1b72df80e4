import { type Approval, questionOf } from '#contract/approval.ts'
import type { Run, RunEvent, Step } from '#contract/run.ts'
import type { RunMoment } from '#contract/run-timeline.ts'
import { pairPhases } from './phase-pairs.ts'

/** What a timeline is made of, each in the order in which it was written. */
export interface TimelineSources {
  readonly run: Run
  readonly events: readonly RunEvent[]
  readonly steps: readonly Step[]
  /** When the run began to wait, and for what. */
  readonly waits: readonly { readonly id: string; readonly ts: string; readonly reason: string }[]
  readonly approvals: readonly Approval[]
  isPaid(profile: string): boolean
}

type Phase = RunMoment & { readonly sequence: number }

const NOTHING = {
  name: '',
  findings: [],
  input_tokens: 0,
  output_tokens: 0,
  cost_micros: 0,
  paid: false,
  reused: false,
}
/** Characters of a tool's answer that say what came of it. */
const SHOWN = 300

/** All that happened in a run, in order; what happened within a phase comes behind it. */
export function timelineOf(sources: TimelineSources): RunMoment[] {
  const { run, events, steps, waits, approvals, isPaid } = sources
  const phases = phasesOf(events)
  const within = [
    ...steps.map((step) => ofStep(step, phases, isPaid)),
    ...waits.map((wait, index) => ofWait(wait, waits[index + 1]?.ts, sources, phases)),
    ...approvals.map((approval) => ofApproval(approval, run, phases)),
  ].toSorted((one, two) => Date.parse(one.from) - Date.parse(two.from))
  const of = Map.groupBy(within, (moment) => moment.phase_id)
  const moments: RunMoment[] = [...(of.get(null) ?? [])]
  for (const { sequence: _, ...phase } of phases) moments.push(phase, ...(of.get(phase.id) ?? []))
  if (run.ended_at !== null) moments.push(endOf(run, run.ended_at))
  return moments
}

function phasesOf(events: readonly RunEvent[]): Phase[] {
  return pairPhases(events).map(({ start: { id, sequence, node, timestamp, summary }, end }) => {
    const start = { ...NOTHING, id, kind: 'phase', phase_id: null, name: node, sequence, from: timestamp } as const
    if (end === null) return { ...start, state: 'running', to: null, reason: summary }
    const found = end.payload['violations']
    return {
      ...start,
      state: end.phase === 'failed' ? 'failed' : 'succeeded',
      to: end.timestamp,
      reason: reasonOf(node, summary, end.summary),
      // A repair hands on what the check before it found.
      findings: node === 'verifier' && Array.isArray(found) ? found.map(String) : [],
    }
  })
}

/** A repair's beginning says why there is one, or why another tier takes over; elsewhere the end says more. */
function reasonOf(node: string, start: string, end: string): string {
  return node === 'repair' && start !== '' ? `${start}${/[.!?]$/.test(start) ? '' : '.'} ${end}` : end
}

/** The phase in which something began; of a step that was taken over, the first of its kind. */
function phaseAt(phases: readonly Phase[], moment: string, node: string | null, reused = false): string | null {
  const fitting = phases.filter(({ name }) => node === null || name === node)
  const at = Date.parse(moment)
  const found = reused ? fitting[0] : (fitting.findLast(({ from }) => Math.floor(Date.parse(from)) <= at) ?? fitting[0])
  return found?.id ?? null
}

const STEP_STATES = { sent: 'running', done: 'succeeded', failed: 'failed', unknown: 'unknown' } as const

function ofStep(step: Step, phases: readonly Phase[], isPaid: TimelineSources['isPaid']): RunMoment {
  const { id, kind, name, started_at, ended_at, input_tokens, output_tokens, cost_micros, reused } = step
  const output = fieldsOf(step.output)
  const failed = step.state === 'done' && output['is_error'] === true
  return {
    ...{ id, kind, name, input_tokens, output_tokens, cost_micros, reused, findings: [] },
    paid: kind === 'model' && isPaid(name),
    phase_id: phaseAt(phases, started_at, step.phase, reused),
    state: failed ? 'failed' : STEP_STATES[step.state],
    from: started_at,
    to: ended_at,
    reason: step.error ?? (kind === 'model' ? whatModelSaid(output) : shortLine(output['text'])),
  }
}

function whatModelSaid(output: Readonly<Record<string, unknown>>): string {
  const calls = Array.isArray(output['tool_calls']) ? output['tool_calls'] : []
  const names = calls.map((call) => String(fieldsOf(call)['name']))
  if (names.length > 0) return `Asked for ${[...new Set(names)].join(', ')}.`
  const said = shortLine(output['text'])
  // What a form holds is told by the phase that asked for it.
  return said.startsWith('{') ? 'Answered in the form that it was given.' : said
}

/** A wait ends with the next thing that happens in its run; null where nothing has yet. */
export function endOfWait(from: string, happened: readonly (string | null | undefined)[]): string | null {
  const began = Date.parse(from)
  const later = happened
    .filter((moment) => moment !== null && moment !== undefined)
    .filter((moment) => Date.parse(moment) > began)
    .toSorted((one, two) => Date.parse(one) - Date.parse(two))
  return later[0] ?? null
}

function ofWait(
  wait: TimelineSources['waits'][number],
  next: string | undefined,
  { run, steps, events }: TimelineSources,
  phases: readonly Phase[],
): RunMoment {
  const to = endOfWait(wait.ts, [
    ...steps.map((step) => step.started_at),
    ...events.map((event) => event.timestamp),
    next,
    run.ended_at,
  ])
  return {
    ...{ ...NOTHING, id: wait.id, kind: 'wait', from: wait.ts, to, reason: wait.reason },
    phase_id: phaseAt(phases, wait.ts, null),
    state: to === null && run.state === 'waiting' ? 'waiting' : 'succeeded',
  }
}

const APPROVAL_STATES = { open: 'waiting', allowed: 'succeeded', denied: 'failed' } as const

function ofApproval(approval: Approval, run: Run, phases: readonly Phase[]): RunMoment {
  const { id, tool, state, created_at, decided_at, note } = approval
  const reason = approval.kind === 'question' ? questionOf(approval.arguments).question : approval.reason
  return {
    // Nobody waits any more for an answer to a run that has ended.
    ...{ ...NOTHING, id, kind: 'approval', name: tool, from: created_at, to: decided_at ?? run.ended_at },
    phase_id: phaseAt(phases, created_at, null),
    state: state === 'open' && run.ended_at !== null ? 'cancelled' : APPROVAL_STATES[state],
    reason: note === '' ? reason : `${reason} The answer: ${note}`,
  }
}

function endOf(run: Run, at: string): RunMoment {
  const { id, state, input_tokens, output_tokens, cost_micros, paid, reason } = run
  const ended = state === 'succeeded' || state === 'failed' || state === 'cancelled' ? state : 'unknown'
  return {
    ...{ ...NOTHING, id, kind: 'end', phase_id: null, state: ended, from: at, to: at, reason },
    ...{ input_tokens, output_tokens, cost_micros, paid },
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function shortLine(text: unknown): string {
  const line = (typeof text === 'string' ? text : '')
    .slice(0, 4 * SHOWN)
    .replace(/\s+/g, ' ')
    .trim()
  return line.length <= SHOWN ? line : `${line.slice(0, SHOWN).trimEnd()}…`
}
