import { eq } from 'drizzle-orm'
import type { RunContext } from '#contract/run-context.ts'
import { mayRepair } from '../model/ladder.ts'
import type { ModelMessage, ToolDescription } from '../model/provider.ts'
import { onceFor } from '../store/once-for.ts'
import { run as runTable, type TaskRow, taskDependency, task as taskTable } from '../store/schema.ts'
import { steady } from '../store/steady.ts'
import type { Store } from '../store/store.ts'
import { climbInside } from './climb-inside.ts'
import { firstMessage } from './given-images.ts'
import { askModel } from './model-step.ts'
import { nextTier } from './next-tier.ts'
import { openTask } from './open-task.ts'
import { failedRun, type Passage, passed, type RunEnd } from './outcome.ts'
import { KNOWLEDGE_TOOLS } from './plan-run.ts'
import { openPrompt } from './prompt-phases.ts'
import type { RunFrame } from './run-frame.ts'
import { shorten } from './token-estimate.ts'
import { callTool } from './tool-step.ts'
import { withVerdict } from './verdict.ts'
import { verifyArtifacts } from './verify-artifacts.ts'
import { commandLeftOut, commandReport, hasCommand, verifyCommand } from './verify-command.ts'
import { verifyCriteria } from './verify-criteria.ts'

/** What a task needs besides the tools that its plan names. */
const READING = ['read_file', 'list_files', 'search_files']
const WRITING = ['write_file', 'edit_file']
/** Bound of one answer while working; plans and long texts come from other requests. */
const MAX_ANSWER_TOKENS = 8_192
const MAX_OUTPUT_CHARACTERS = 20_000
/** For the model that goes on where another did not come to an end. */
const TAKE_OVER =
  'You take this over from another model, which did not come to an end. Look at what is there, keep what is right, do the rest, and end with the answer.'

/**
 * A run of a task, in a workspace that keeps what it replaces; when the run has ended, however it did, its changes are
 * committed to the workspace's private history (E10).
 */
export async function runTask(frame: RunFrame, task: TaskRow): Promise<RunEnd> {
  const { services, run, project, workspace } = frame
  const subject = { project_id: project.id, task_id: task.id, run_id: run.id }
  // A run that waited and was cancelled ended without anybody at work in it: what it had written is in no commit yet.
  if (run.attempt > 1) await services.checkpoints.commitEnded(project.id)
  let end: RunEnd
  try {
    end = await carryOut({ ...frame, workspace: services.checkpoints.watch(workspace, subject) }, task)
  } finally {
    // Before the commit of its changes: a server that lives may go on writing.
    await services.mcp.endRun(run.id)
  }
  const { kind } = end.outcome
  if (kind !== 'suspended') await services.checkpoints.commitRun(workspace, run, kind)
  // A free prompt's run works at several tiers, so its end says nothing of one.
  return project.constraints === null ? withVerdict(frame, task, end) : end
}

/**
 * The phases of a run of a task (G1): intent, planner and selector say what is to be done and by whom; then the model works
 * with tools, the verifier looks at what is there, and repair hands its findings back, at most `max_repairs` times at a
 * tier. Only what is verified succeeds.
 */
async function carryOut(frame: RunFrame, task: TaskRow): Promise<RunEnd> {
  const { services, trail } = frame
  const isPrompt = frame.project.constraints !== null
  const opened = await (isPrompt ? openPrompt(frame, task) : openTask(frame, task))
  if (!opened.ok) return opened
  const context = opened.value

  const conversation: ModelMessage[] = [firstMessage(context)]
  /** The first round of the tier at which it works now. */
  let first = 0
  /** The last round that is the work of an earlier attempt. */
  let carried = 0
  for (let round = 0; ; round += 1) {
    await trail.mark('tool_exec', 'started', whatItDoes(frame, round), { profile: frame.profile.name })
    const worked = await work(frame, task, context, conversation, round)
    if (!worked.ok) {
      if (worked.outcome.kind !== 'failed') return worked
      await trail.mark('tool_exec', 'failed', worked.outcome.reason)
      const climbed = isPrompt ? await climbInside(frame, task, worked) : null
      if (climbed?.ok !== true) return climbed ?? worked
      first = round + 1
      conversation.push({ role: 'user', text: TAKE_OVER })
      await trail.mark('repair', 'completed', 'Hands the work on to another model.')
      continue
    }
    await Promise.all([
      trail.mark('tool_exec', 'completed', 'Says it is done.'),
      trail.mark('verifier', 'started', `Checks ${count(task.artifacts.length, 'promised file')}`),
    ])
    const verified = await verify(frame, task, worked.value, round)
    if (!verified.ok) {
      const { outcome } = verified
      if (outcome.kind === 'failed') await trail.mark('verifier', 'failed', outcome.reason, { gave_up: outcome.reason })
      return verified
    }
    const violations = verified.value
    if (violations.length === 0) {
      const leftOut = commandLeftOut(frame, task)
      const left = leftOut === null ? '' : ` Its command was not run. ${leftOut}`
      await trail.mark('verifier', 'completed', `It passed its checks.${left}`, { violations })
      return finish(frame, task, worked.value + commandReport(frame, task, round))
    }
    await trail.mark('verifier', 'failed', count(violations.length, 'finding'), { violations })
    // Repairs of an earlier attempt are not those of this one: who retries what did not pass wants it tried.
    const isOlder = isCarried(frame, round)
    if (isOlder) {
      first = round
      carried = round
    }
    const settings = services.settings.settings()
    const recorded = isPrompt ? trail.recorded() : null
    const isAllowed = isOlder || mayRepair(settings, round - first)
    const isRepaired = recorded === null ? isAllowed : recorded['climbed'] === undefined
    await noteViolations(frame, violations, (isRepaired ? round + 1 : round) - carried)
    if (isRepaired) {
      const which = `Repair ${round - first + 1} of at most ${settings.max_repairs}`
      await trail.mark('repair', 'started', isOlder ? 'Goes on from the work of an earlier attempt' : which)
    } else {
      const reason = `The result did not pass its checks after ${count(round - first, 'repair')}: ${violations.join(' ')}`
      const end = nextTier(frame, task, reason, conversation)
      const climbed = isPrompt ? await climbInside(frame, task, end) : null
      if (climbed?.ok !== true) return climbed ?? end
      first = round + 1
    }
    conversation.push({ role: 'user', text: repairRequest(violations, isPrompt) })
    await trail.mark('repair', 'completed', 'Hands the findings back to the model.', { violations })
  }
}

/** Whether the work of a round is that of an earlier attempt, from whose steps this one goes on. */
function isCarried({ services, run }: RunFrame, round: number): boolean {
  return services.journal.finished(run.id, { phase: 'tool_exec', key: `work/${round}/0` })?.reused === true
}

function whatItDoes({ profile, run, project }: RunFrame, round: number): string {
  const what = round === 0 ? 'Works on the task' : `Works on the findings, round ${round}`
  return project.constraints === null ? what : `${what} with ${profile.display_name}. ${run.route_reason}`
}

/** Lets the model call tools until it says that it is done; appends to the conversation. Answers with its last words. */
async function work(
  frame: RunFrame,
  task: TaskRow,
  context: RunContext,
  conversation: ModelMessage[],
  round: number,
): Promise<Passage<string>> {
  const tools = toolsFor(frame, task)
  const { max_turns } = frame.services.settings.settings()
  for (let turn = 0; turn < max_turns; turn += 1) {
    const answer = await askModel(
      frame,
      { phase: 'tool_exec', key: `work/${round}/${turn}` },
      {
        model: frame.profile.model,
        system: context.system,
        messages: [...conversation],
        tools,
        max_tokens: Math.min(frame.profile.max_output_tokens, MAX_ANSWER_TOKENS),
        context_tokens: frame.profile.context_tokens,
        hint: hintFor(frame, task, round, conversation),
      },
    )
    if (!answer.ok) return answer
    const { text, tool_calls, stop_reason } = answer.value
    // A call that was cut at the length limit has no whole arguments; the model is asked for smaller pieces instead.
    const calls = stop_reason === 'max_tokens' ? [] : tool_calls
    conversation.push({
      role: 'assistant',
      // Some servers ignore the bound of an answer; the next question must not carry megabytes.
      text: text === '' && calls.length === 0 ? '(no text)' : shorten(text, 2 * MAX_ANSWER_TOKENS, '').text,
      tool_calls: calls,
    })
    if (stop_reason === 'max_tokens') {
      conversation.push({
        role: 'user',
        text: 'Your answer was cut at the length limit. Go on where it stopped; write long files in several smaller calls.',
      })
      continue
    }
    if (calls.length === 0) return passed(text)
    for (const [index, toolCall] of calls.entries()) {
      const result = await callTool(frame, { phase: 'tool_exec', key: `work/${round}/${turn}/${index}` }, toolCall)
      if (!result.ok) return result
      conversation.push({
        role: 'tool',
        tool_call_id: toolCall.id,
        name: toolCall.name,
        text: result.value.text,
        is_error: result.value.is_error,
      })
    }
  }
  return nextTier(
    frame,
    task,
    `The model was still calling tools after ${max_turns} turns, so it was stopped.`,
    conversation,
  )
}

function toolsFor({ services }: RunFrame, task: TaskRow): ToolDescription[] {
  const planned = task.tools.length === 0 ? [...READING, ...WRITING] : task.tools
  const needed = task.artifacts.length > 0 ? WRITING : []
  // Assets are mostly images (R3), whether the plan thought of the tool or not.
  const hasImages = task.type === 'asset' && services.board.get('comfyui').state !== 'not_configured'
  const making = hasImages ? ['generate_image'] : []
  const searching = services.knowledge.isThere(task.project_id) ? KNOWLEDGE_TOOLS : []
  const all = new Set([...READING, ...needed, ...planned, ...making, ...searching])
  return services.tools
    .of(task.project_id)
    .describe([...all].filter((name) => searching.length > 0 || !KNOWLEDGE_TOOLS.includes(name)))
}

/** The findings on what the task left behind: recorded ones after a restart, otherwise found by looking. */
async function verify(frame: RunFrame, task: TaskRow, lastWords: string, round: number): Promise<Passage<string[]>> {
  const recorded = frame.trail.recorded()
  if (Array.isArray(recorded?.['violations'])) return passed(recorded['violations'].map(String))
  if (typeof recorded?.['gave_up'] === 'string') return failedRun(recorded['gave_up'])
  const found = await verifyArtifacts(frame.workspace, task.artifacts)
  const violations = found.map(({ path, message }) => (message.includes(path) ? message : `${path}: ${message}`))
  if (task.artifacts.length === 0 && lastWords.trim() === '') violations.push('The answer is empty.')
  if (violations.length > 0) return passed(violations)
  // A model is asked only where nothing cheaper has found fault, and no command can tell (G3).
  return hasCommand(frame, task) ? verifyCommand(frame, task, round) : verifyCriteria(frame, task, lastWords, round)
}

/** `repairs`: those that this attempt has begun so far. */
async function noteViolations(frame: RunFrame, violations: string[], repairs: number): Promise<void> {
  await frame.services.store.write((tx) =>
    tx.orm.update(runTable).set({ violations, repairs }).where(eq(runTable.id, frame.run.id)).run(),
  )
}

function finish({ trail, project }: RunFrame, task: TaskRow, text: string): RunEnd {
  const output = text.trim().slice(0, MAX_OUTPUT_CHARACTERS)
  const given = project.constraints === null ? {} : { answer: output, artifacts: task.artifacts }
  const marks = [
    trail.later('synth', 'started', 'Puts the result together'),
    trail.later('synth', 'completed', 'Takes the model’s own report.'),
    trail.later('responder', 'started', 'Hands the result on'),
    trail.later('responder', 'completed', 'Done.', given),
  ]
  return {
    outcome: { kind: 'succeeded', output },
    record: (tx) => {
      for (const mark of marks) mark(tx)
    },
  }
}

function repairRequest(violations: readonly string[], isPrompt: boolean): string {
  const end = isPrompt ? 'the whole answer to the user, without a word about this' : 'a short report'
  return `Your work was checked and is not done yet. Findings:\n${violations.map((violation) => `- ${violation}`).join('\n')}\nMend exactly these, with the tools, then end with ${end}.`
}

/** Facts for the demo model, which does not understand prose. */
function hintFor(
  { services, project, run }: RunFrame,
  task: TaskRow,
  round: number,
  conversation: readonly ModelMessage[],
): Readonly<Record<string, unknown>> {
  const violations = round === 0 ? [] : violationsOf(services.store, run.id)
  return {
    purpose: 'task',
    requirements: project.requirements,
    attachments: [],
    task: {
      key: task.key,
      title: task.title,
      description: task.description,
      type: task.type,
      artifacts: task.artifacts,
      depends: dependenciesOf(services.store, task.id),
      round,
      violations,
    },
    turn: conversation.length,
  }
}

function violationsOf(store: Store, runId: number): string[] {
  const row = store.orm.select({ violations: runTable.violations }).from(runTable).where(eq(runTable.id, runId)).get()
  return row?.violations ?? []
}

function dependenciesOf(store: Store, taskId: number): { key: string; title: string; artifacts: string[] }[] {
  return dependencies(store).all({ task: taskId })
}

/** Asked with each call of a model: to build its SQL each time costs more than to answer it. */
const dependencies = onceFor(({ orm }: Store) =>
  orm
    .select({ key: taskTable.key, title: taskTable.title, artifacts: taskTable.artifacts })
    .from(taskDependency)
    .innerJoin(taskTable, eq(taskTable.id, taskDependency.depends_on_id))
    .where(eq(taskDependency.task_id, steady('task')))
    .orderBy(taskTable.position)
    .prepare(),
)

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
