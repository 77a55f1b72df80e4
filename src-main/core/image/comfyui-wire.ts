import { z } from 'zod'

/** A workflow in ComfyUI's API format: nodes by id; a link is `[node id, output index]` (WIRE §4). */
export const comfyuiGraph = z.lazy(() =>
  z.record(
    z.string().min(1).max(100),
    z.looseObject({ class_type: z.string().min(1), inputs: z.record(z.string(), z.unknown()) }),
  ),
)
export type ComfyuiGraph = z.infer<typeof comfyuiGraph>

const device = z.lazy(() =>
  z.looseObject({
    name: z.string(),
    type: z.string(),
    index: z.number().int().nullable(),
    vram_total: z.number(),
    vram_free: z.number(),
    torch_vram_total: z.number(),
    torch_vram_free: z.number(),
  }),
)

/** `GET /system_stats`; bytes. In CPU mode a device's type is `cpu` and its memory is the machine's. */
export const systemStats = z.lazy(() =>
  z.looseObject({
    system: z.looseObject({ comfyui_version: z.string().optional() }),
    devices: z.array(device),
  }),
)
export type SystemStats = z.infer<typeof systemStats>

const queueEntry = z.tuple([z.number(), z.string()]).rest(z.unknown())
export const queueState = z.looseObject({
  queue_running: z.array(queueEntry),
  queue_pending: z.array(queueEntry),
})

/** A file that ComfyUI keeps; only those of type `output` are results. */
const savedFile = z.looseObject({ filename: z.string(), subfolder: z.string(), type: z.string() })
export type SavedFile = z.infer<typeof savedFile>

const historyEntry = z.lazy(() =>
  z.looseObject({
    outputs: z.record(z.string(), z.looseObject({ images: z.array(savedFile).optional() })),
    status: z
      .looseObject({
        status_str: z.enum(['success', 'error']),
        completed: z.boolean(),
        messages: z.array(z.tuple([z.string(), z.unknown()]).rest(z.unknown())),
      })
      .optional(),
  }),
)
export const history = z.record(z.string(), historyEntry)
export type HistoryEntry = z.infer<typeof historyEntry>

/** Data of an `execution_error`, as a frame and in the history. */
export const executionError = z.lazy(() =>
  z.looseObject({
    node_id: z.coerce.string(),
    node_type: z.string(),
    exception_message: z.string(),
    exception_type: z.string(),
  }),
)

const nodeErrors = z.lazy(() =>
  z.record(
    z.string(),
    z.looseObject({
      class_type: z.string(),
      errors: z.array(z.looseObject({ type: z.string(), message: z.string(), details: z.string().default('') })),
    }),
  ),
)

/** 200 of `POST /prompt`. Some outputs may have been refused nevertheless. */
export const promptTaken = z.looseObject({ prompt_id: z.string(), node_errors: nodeErrors.catch({}).default({}) })

/** 400 of `POST /prompt`. */
export const promptRefused = z.lazy(() =>
  z.looseObject({
    error: z.looseObject({ type: z.string(), message: z.string(), details: z.string().default('') }),
    node_errors: nodeErrors.catch({}).default({}),
  }),
)
export type PromptRefused = z.infer<typeof promptRefused>

/** The part of `GET /object_info/{class}` that lists what an input may be. */
export const objectInfo = z.lazy(() =>
  z.record(
    z.string(),
    z.looseObject({ input: z.looseObject({ required: z.record(z.string(), z.array(z.unknown())).default({}) }) }),
  ),
)

/** A text frame of `/ws`; types that say nothing of a prompt's progress are passed over. */
export const textFrame = z.lazy(() =>
  z.looseObject({ type: z.string(), data: z.looseObject({ prompt_id: z.string().optional() }) }),
)
export const progressData = z.looseObject({ value: z.number(), max: z.number(), node: z.coerce.string() })
export const executingData = z.looseObject({ node: z.coerce.string().nullable() })
