import { z } from 'zod'

const message = z.looseObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string().default(''),
  /** Base64, without a prefix, of PNGs and JPEGs: other kinds depend on the model and are not taken here. */
  images: z.array(z.string().regex(/^(iVBORw0KGgo|\/9j\/)/, 'invalid image type')).optional(),
  thinking: z.string().optional(),
  tool_calls: z
    .array(
      z.looseObject({
        id: z.string().optional(),
        function: z.looseObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }),
      }),
    )
    .optional(),
  tool_name: z.string().optional(),
  tool_call_id: z.string().optional(),
})

/** `POST /api/chat` as Ollama reads it: fields it does not know are ignored (WIRE §3). */
export const chatBody = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).default([]),
  stream: z.boolean().default(true),
  tools: z
    .array(
      z.looseObject({
        type: z.literal('function'),
        function: z.looseObject({ name: z.string(), parameters: z.record(z.string(), z.unknown()).default({}) }),
      }),
    )
    .default([]),
  format: z.union([z.literal('json'), z.literal(''), z.record(z.string(), z.unknown())]).optional(),
  keep_alive: z.union([z.number(), z.string()]).optional(),
  truncate: z.boolean().default(true),
  shift: z.boolean().default(true),
  options: z
    .looseObject({ num_ctx: z.number().int().optional(), num_predict: z.number().int().optional() })
    .default({}),
})
export type ChatBody = z.infer<typeof chatBody>

export const namedBody = z.looseObject({ model: z.string().optional(), name: z.string().optional() })

export const embedBody = z.looseObject({ model: z.string(), input: z.union([z.string(), z.array(z.string())]) })

/** Whether a `keep_alive` asks to unload at once. */
export function unloads(keep_alive: number | string | undefined): boolean {
  return keep_alive === 0 || keep_alive === '0' || keep_alive === '0s'
}
