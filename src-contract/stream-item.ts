import { z } from 'zod'
import { type StoredEvent, storedEvent } from './event.ts'
import { projectId, runId, taskId } from './ids.ts'
import { knowledgeProgress } from './knowledge-words.ts'
import { modelPull } from './model.ts'
import { timestamp } from './time.ts'

/** How far a long tool call is. */
export const toolProgress = z.object({
  /** `queued`: others go first; `blind`: it goes on, but how far is not known now. */
  state: z.enum(['queued', 'running', 'blind']),
  ahead: z.number().int(),
  /** Steps done of `max`; 0 of 0 where nobody can tell. */
  value: z.number(),
  max: z.number(),
  /** What it works on, in the tool's own words. */
  label: z.string(),
  /** A small picture of what there is so far, as base64; null where nothing new is to be seen. */
  preview: z.object({ media_type: z.enum(['image/jpeg', 'image/png']), base64: z.string() }).nullable(),
})
export type ToolProgress = z.infer<typeof toolProgress>

const ofRun = { project_id: projectId, task_id: taskId.nullable(), run_id: runId }

/** A piece of output as it streams. */
export const outputDelta = z.object({
  type: z.literal('run.delta'),
  ...ofRun,
  kind: z.enum(['text', 'thinking', 'tool']),
  text: z.string(),
})
export type OutputDelta = z.infer<typeof outputDelta>

/** Pushed to who listens, never stored. */
export const transientEvent = z.discriminatedUnion('type', [
  outputDelta,
  z.object({ type: z.literal('run.progress'), ...ofRun, tool: z.string(), progress: toolProgress }),
  z.object({ type: z.literal('model.pull'), project_id: z.null(), pull: modelPull }),
  knowledgeProgress,
])
export type TransientEvent = z.infer<typeof transientEvent>

/** What a subscriber gets: stored events in order, and deltas between them. `heartbeat` shows that the line lives. */
export type StreamItem =
  | { kind: 'event'; event: StoredEvent }
  | { kind: 'delta'; delta: TransientEvent }
  | { kind: 'heartbeat'; ts: string }

export const streamItem: z.ZodType<StreamItem> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('event'), event: storedEvent }),
  z.object({ kind: z.literal('delta'), delta: transientEvent }),
  z.object({ kind: z.literal('heartbeat'), ts: timestamp }),
]) as z.ZodType<StreamItem>
