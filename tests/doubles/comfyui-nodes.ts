import { z } from 'zod'

/** What `POST /prompt` carries, as ComfyUI reads it. */
export const promptBody = z.looseObject({
  prompt: z.record(
    z.string(),
    z.looseObject({ class_type: z.string(), inputs: z.record(z.string(), z.unknown()).default({}) }),
  ),
  client_id: z.string().optional(),
  prompt_id: z.string().optional(),
})
export type PromptGraph = z.infer<typeof promptBody>['prompt']

type Kind = 'IMAGE' | 'LATENT' | 'MODEL' | 'CLIP' | 'VAE' | 'CONDITIONING' | 'STRING'
type Field =
  | { readonly link: Kind }
  | { readonly min: number; readonly max: number }
  | { readonly text: true }
  | { readonly choice: 'checkpoints' | readonly string[] }

interface NodeClass {
  readonly inputs: Readonly<Record<string, Field>>
  readonly outputs: readonly Kind[]
  readonly isOutput?: true
}

const SIZE: Field = { min: 16, max: 16_384 }

const NODES: Readonly<Record<string, NodeClass>> = {
  EmptyImage: {
    inputs: { width: SIZE, height: SIZE, batch_size: { min: 1, max: 4_096 }, color: { min: 0, max: 0xffffff } },
    outputs: ['IMAGE'],
  },
  SaveImage: { inputs: { images: { link: 'IMAGE' }, filename_prefix: { text: true } }, outputs: [], isOutput: true },
  CheckpointLoaderSimple: { inputs: { ckpt_name: { choice: 'checkpoints' } }, outputs: ['MODEL', 'CLIP', 'VAE'] },
  EmptyLatentImage: {
    inputs: { width: SIZE, height: SIZE, batch_size: { min: 1, max: 4_096 } },
    outputs: ['LATENT'],
  },
  CLIPTextEncode: { inputs: { text: { text: true }, clip: { link: 'CLIP' } }, outputs: ['CONDITIONING'] },
  KSampler: {
    inputs: {
      model: { link: 'MODEL' },
      positive: { link: 'CONDITIONING' },
      negative: { link: 'CONDITIONING' },
      latent_image: { link: 'LATENT' },
      seed: { min: 0, max: Number.MAX_SAFE_INTEGER },
      steps: { min: 1, max: 10_000 },
      cfg: { min: 0, max: 100 },
      sampler_name: { choice: ['euler', 'euler_ancestral', 'dpmpp_2m'] },
      scheduler: { choice: ['normal', 'karras', 'simple'] },
      denoise: { min: 0, max: 1 },
    },
    outputs: ['LATENT'],
  },
  VAEDecode: { inputs: { samples: { link: 'LATENT' }, vae: { link: 'VAE' } }, outputs: ['IMAGE'] },
}

interface NodeError {
  readonly type: string
  readonly message: string
  readonly details: string
  readonly extra_info: Readonly<Record<string, unknown>>
}

/** Why ComfyUI would refuse a graph with 400; null where it takes it. */
export function refusalOf(graph: PromptGraph, checkpoints: readonly string[]): object | null {
  const unknown = Object.entries(graph).find(([, node]) => NODES[node.class_type] === undefined)
  if (unknown !== undefined) {
    const [id, node] = unknown
    return refusal('missing_node_type', `Node '${node.class_type}' not found.`, `Node ID '#${id}'`, {})
  }
  const outputs = Object.entries(graph).filter(([, node]) => NODES[node.class_type]?.isOutput === true)
  if (outputs.length === 0) return refusal('prompt_no_outputs', 'Prompt has no outputs', '', {})
  const node_errors = Object.fromEntries(
    Object.entries(graph).flatMap(([id, node]) => {
      const errors = nodeErrors(graph, node, checkpoints)
      if (errors.length === 0) return []
      return [[id, { errors, dependent_outputs: outputs.map(([output]) => output), class_type: node.class_type }]]
    }),
  )
  if (Object.keys(node_errors).length === 0) return null
  return refusal('prompt_outputs_failed_validation', 'Prompt outputs failed validation', '', node_errors)
}

function refusal(type: string, message: string, details: string, node_errors: object): object {
  return { error: { type, message, details, extra_info: {} }, node_errors }
}

function nodeErrors(graph: PromptGraph, node: PromptGraph[string], checkpoints: readonly string[]): NodeError[] {
  const fields = Object.entries(NODES[node.class_type]?.inputs ?? {})
  return fields.flatMap(([name, field]) => {
    const value = node.inputs[name]
    const error = (type: string, message: string, details: string): NodeError[] => [
      { type, message, details: `${name}${details}`, extra_info: { input_name: name, received_value: value } },
    ]
    if (value === undefined) return error('required_input_missing', 'Required input is missing', '')
    if ('link' in field) {
      const kind = linkedKind(graph, value)
      if (kind === null) return error('bad_linked_input', 'Bad linked input, must be a length-2 list', '')
      if (kind === field.link) return []
      return error(
        'return_type_mismatch',
        'Return type mismatch between linked nodes',
        `, received_type(${kind}) mismatch input_type(${field.link})`,
      )
    }
    if ('min' in field) {
      if (typeof value !== 'number')
        return error('invalid_input_type', 'Failed to convert an input value to a INT value', `, ${String(value)}`)
      if (value < field.min)
        return error('value_smaller_than_min', `Value ${value} smaller than min of ${field.min}`, '')
      return value > field.max
        ? error('value_bigger_than_max', `Value ${value} bigger than max of ${field.max}`, '')
        : []
    }
    if ('choice' in field) {
      const choices = choicesOf(field.choice, checkpoints)
      if (choices.includes(String(value))) return []
      return error('value_not_in_list', 'Value not in list', `: '${String(value)}' not in ${JSON.stringify(choices)}`)
    }
    return typeof value === 'string' ? [] : error('invalid_input_type', 'Failed to convert an input value', '')
  })
}

function choicesOf(choice: 'checkpoints' | readonly string[], checkpoints: readonly string[]): readonly string[] {
  return choice === 'checkpoints' ? checkpoints : choice
}

function linkedKind(graph: PromptGraph, value: unknown): Kind | null {
  const link = z.tuple([z.string(), z.number()]).safeParse(value)
  if (!link.success) return null
  const [from, index] = link.data
  return NODES[graph[from]?.class_type ?? '']?.outputs[index] ?? null
}

/** The nodes of a graph, each after what it needs. */
export function inOrder(graph: PromptGraph): string[] {
  const order: string[] = []
  const visit = (id: string): void => {
    if (order.includes(id)) return
    for (const value of Object.values(graph[id]?.inputs ?? {})) {
      if (Array.isArray(value) && typeof value[0] === 'string' && graph[value[0]] !== undefined) visit(value[0])
    }
    order.push(id)
  }
  for (const [id, node] of Object.entries(graph)) if (NODES[node.class_type]?.isOutput === true) visit(id)
  return order
}

/** `GET /object_info/{class}`; `{}` for a class that nobody knows. */
export function objectInfo(name: string, checkpoints: readonly string[]): object {
  const node = NODES[name]
  if (node === undefined) return {}
  const required = Object.fromEntries(
    Object.entries(node.inputs).map(([input, field]) => {
      if ('link' in field) return [input, [field.link]]
      if ('min' in field) return [input, ['INT', { min: field.min, max: field.max }]]
      return [input, 'choice' in field ? [choicesOf(field.choice, checkpoints), {}] : ['STRING', { multiline: true }]]
    }),
  )
  return { [name]: { input: { required }, output: node.outputs, name, output_node: node.isOutput === true } }
}
