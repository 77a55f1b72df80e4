import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import { type ComfyuiGraph, comfyuiGraph } from './comfyui-wire.ts'

const inputName = z.string().regex(/^[a-z][a-z0-9_]{0,40}$/, 'a name in small letters, digits and _')

const templateInput = z.lazy(() =>
  z.strictObject({
    /** Where the value goes: `node id.input name`, one or several. */
    to: z.array(z.string().regex(/^[^.]+\.[^.]+$/, 'a node id, a point and the name of its input: 6.text')).min(1),
    /** `choice`: one of what ComfyUI offers there, such as its checkpoints; `seed`: an integer that is drawn where none is given. */
    type: z.enum(['text', 'integer', 'number', 'seed', 'choice']),
    description: z.string().max(500).default(''),
    required: z.boolean().default(false),
    default: z.union([z.string(), z.number()]).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
  }),
)
export type TemplateInput = z.infer<typeof templateInput>

/** A workflow with named inputs, as it lies in a file. */
export const templateFile = z.lazy(() =>
  z.strictObject({
    title: z.string().min(1).max(100),
    description: z.string().max(1_000).default(''),
    inputs: z.record(inputName, templateInput),
    workflow: comfyuiGraph,
  }),
)

/** A template by its name, which is its file's. */
export type Template = z.infer<typeof templateFile> & { readonly name: string }

export type InputValues = Readonly<Record<string, string | number>>

/** Highest seed that every server and JSON carries exactly. */
export const MAX_SEED = 2 ** 48 - 1

/** Reads a template from JSON: our own form, or a plain export of ComfyUI in API format. The error says what to do. */
export function parseTemplate(name: string, raw: unknown): Result<Template, string> {
  if (isEditorFormat(raw)) {
    return err('This is a workflow of the editor. Export it in ComfyUI with "Export (API)" and put that file here.')
  }
  const graph = comfyuiGraph.safeParse(raw)
  const parsed = templateFile.safeParse(
    graph.success ? { title: name, inputs: guessInputs(graph.data), workflow: graph.data } : raw,
  )
  if (!parsed.success) return err(z.prettifyError(parsed.error))
  const template = { ...parsed.data, name }
  const fault = brokenTarget(template) ?? brokenLink(template.workflow) ?? noOutput(template.workflow)
  return fault === null ? ok(template) : err(fault)
}

function isEditorFormat(raw: unknown): boolean {
  return typeof raw === 'object' && raw !== null && 'nodes' in raw && 'links' in raw
}

function brokenTarget({ inputs, workflow }: Template): string | null {
  for (const [name, { to }] of Object.entries(inputs)) {
    for (const target of to) {
      const { node, input } = splitTarget(target)
      if (workflow[node]?.inputs[input] === undefined)
        return `The input "${name}" goes to ${target}, but the workflow has no node ${node} with an input ${input}.`
    }
  }
  return null
}

function brokenLink(graph: ComfyuiGraph): string | null {
  for (const [id, node] of Object.entries(graph)) {
    for (const [input, value] of Object.entries(node.inputs)) {
      const from = linkOf(value)
      if (from !== null && graph[from] === undefined)
        return `Node ${id} (${node.class_type}) takes ${input} from node ${from}, which the workflow does not have.`
    }
  }
  return null
}

function noOutput(graph: ComfyuiGraph): string | null {
  if (Object.values(graph).some(isSaver)) return null
  return 'The workflow saves no image: it needs a node like SaveImage with a filename_prefix.'
}

function isSaver(node: ComfyuiGraph[string]): boolean {
  return typeof node.inputs['filename_prefix'] === 'string'
}

/** The id of the node that a value links to; null for plain values. */
function linkOf(value: unknown): string | null {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number'
    ? value[0]
    : null
}

export function splitTarget(target: string): { node: string; input: string } {
  const at = target.indexOf('.')
  return { node: target.slice(0, at), input: target.slice(at + 1) }
}

/** Finds the usual inputs of a plain export: what feeds a sampler's positive and negative side, its seed, the size. */
function guessInputs(graph: ComfyuiGraph): Record<string, z.input<typeof templateInput>> {
  const inputs: Record<string, z.input<typeof templateInput>> = {}
  const add = (name: string, target: string | null, rest: Omit<z.input<typeof templateInput>, 'to'>): void => {
    if (target !== null) inputs[name] = { ...rest, to: [...(inputs[name]?.to ?? []), target] }
  }
  for (const [id, node] of Object.entries(graph)) {
    const has = (input: string): boolean => ['string', 'number'].includes(typeof node.inputs[input])
    add('prompt', textBehind(graph, node.inputs['positive']), { type: 'text', required: true })
    add('negative_prompt', textBehind(graph, node.inputs['negative']), { type: 'text', default: '' })
    for (const seed of ['seed', 'noise_seed']) if (has(seed)) add('seed', `${id}.${seed}`, { type: 'seed' })
    if (has('steps')) add('steps', `${id}.steps`, { type: 'integer', min: 1, max: 200 })
    if (has('width') && has('height') && /latent|empty/i.test(node.class_type)) {
      add('width', `${id}.width`, { type: 'integer', min: 16, max: 8_192 })
      add('height', `${id}.height`, { type: 'integer', min: 16, max: 8_192 })
    }
    if (has('ckpt_name')) add('checkpoint', `${id}.ckpt_name`, { type: 'choice' })
  }
  return inputs
}

/** The text input at the end of a chain of conditioning nodes. */
function textBehind(graph: ComfyuiGraph, value: unknown): string | null {
  let id = linkOf(value)
  for (let depth = 0; id !== null && depth < 8; depth += 1) {
    const node: ComfyuiGraph[string] | undefined = graph[id]
    if (node === undefined) return null
    if (typeof node.inputs['text'] === 'string') return `${id}.text`
    id = linkOf(node.inputs['conditioning'])
  }
  return null
}

/**
 * The workflow with everything filled in. `prefix` becomes the name under which ComfyUI keeps the image, so that it can be
 * found there even after its history is gone. Errors name the input.
 */
export function fillTemplate(template: Template, values: InputValues, prefix: string): Result<ComfyuiGraph, string> {
  const unknown = Object.keys(values).filter((name) => template.inputs[name] === undefined)
  if (unknown.length > 0) {
    return err(
      `The template "${template.name}" has no input ${unknown.join(', ')}. Its inputs: ${Object.keys(template.inputs).join(', ') || 'none'}.`,
    )
  }
  const graph: ComfyuiGraph = structuredClone(template.workflow)
  for (const [name, input] of Object.entries(template.inputs)) {
    const value = values[name] ?? input.default
    if (value === undefined) {
      if (input.required) return err(`The template "${template.name}" needs the input "${name}". ${input.description}`)
      continue
    }
    const fault = valueFault(value, input)
    if (fault !== null) return err(`The input "${name}" ${fault}`)
    for (const target of input.to) {
      const { node, input: field } = splitTarget(target)
      const inputs = graph[node]?.inputs
      if (inputs !== undefined) inputs[field] = value
    }
  }
  for (const node of Object.values(graph)) if (isSaver(node)) node.inputs['filename_prefix'] = prefix
  return ok(graph)
}

function valueFault(value: string | number, { type, min, max }: TemplateInput): string | null {
  if (type === 'text' || type === 'choice') return typeof value === 'string' ? null : 'has to be a text.'
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'has to be a number.'
  if (type !== 'number' && !Number.isInteger(value)) return 'has to be a whole number.'
  if (min !== undefined && value < min) return `is ${value}, but has to be at least ${min}.`
  if (max !== undefined && value > max) return `is ${value}, but may be at most ${max}.`
  return null
}
