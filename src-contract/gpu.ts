import { z } from 'zod'
import { taskId } from './ids.ts'
import { timestamp } from './time.ts'

/** The workflows that images can be made with, and files among them that are none. */
export const imageTemplates = z.object({
  /** Where a person drops more. */
  folder: z.string(),
  templates: z.array(
    z.object({ name: z.string(), title: z.string(), description: z.string(), inputs: z.array(z.string()) }),
  ),
  faults: z.array(z.object({ file: z.string(), message: z.string() })),
})
export type ImageTemplates = z.infer<typeof imageTemplates>

/** A server that shares the card with another. */
export const gpuSide = z.enum(['ollama', 'comfyui'])

/** Who has the card, and who waits for it (H3). */
export const gpuStatus = z.object({
  /** The leases that stand for the cards (`gpu:0`), parted by commas; scripts may take them too. */
  resource: z.string(),
  /** Why Ollama and ComfyUI need not take turns here; null where they do. */
  why_apart: z.string().nullable(),
  holder: z
    .object({
      /** `baton:ollama`, `baton:comfyui`, or the name that a script gave. */
      owner: z.string(),
      side: gpuSide.nullable(),
      since: timestamp,
      purpose: z.string(),
      /** Titles of what is on the card at the moment; empty between two steps of a batch. */
      works_on: z.array(z.string()),
    })
    .nullable(),
  /** It is being turned over to a side: the other one unloads. */
  turning: z.object({ side: gpuSide, since: timestamp }).nullable(),
  waiting: z.array(z.object({ side: gpuSide, task_id: taskId.nullable(), title: z.string(), since: timestamp })),
  /** Why the last turn failed; null where it did not. */
  trouble: z.string().nullable(),
  /** Since Baton's start: how often one side had to unload for the other, and how long the last time took. */
  swaps: z.number().int(),
  last_swap_ms: z.number().int().nullable(),
  /** Each card, as the driver tells, or ComfyUI of its own; empty where nothing does. */
  cards: z.array(
    z.object({
      index: z.number().int(),
      name: z.string(),
      total_bytes: z.number().int(),
      free_bytes: z.number().int(),
      /** Who works on it by the settings. */
      sides: z.array(gpuSide),
      /** Who has its lease; null where nobody does. */
      owner: z.string().nullable(),
    }),
  ),
  /** Of the cards that the two work on, together; null where nothing tells. */
  vram: z.object({ total_bytes: z.number().int(), free_bytes: z.number().int() }).nullable(),
  /** What Ollama has loaded. */
  models: z.array(z.object({ name: z.string(), bytes: z.number().int() })),
})
export type GpuStatus = z.infer<typeof gpuStatus>
