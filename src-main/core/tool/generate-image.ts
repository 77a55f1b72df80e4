import { randomInt, randomUUID } from 'node:crypto'
import { posix } from 'node:path'
import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import type { ComfyuiClient } from '../image/comfyui-client.ts'
import type { ComfyuiFault } from '../image/comfyui-fault.ts'
import type { ComfyuiGraph, SavedFile } from '../image/comfyui-wire.ts'
import { type FollowOptions, followPrompt, type ImageProgress, KEEP_WORKING } from '../image/follow-prompt.ts'
import { IMAGE_EXTENSIONS, imageFormat, isWhole } from '../image/image-format.ts'
import { fillTemplate, type InputValues, MAX_SEED, splitTarget, type Template } from '../image/template.ts'
import type { TemplateFolder } from '../image/template-folder.ts'
import { canonicalPath } from '../workspace/relative-path.ts'
import { inTurn } from './in-turn.ts'
import type { Tool, ToolContext, ToolRecovery, ToolResult } from './tool.ts'
import { failed, refused, succeeded } from './tool-result.ts'

const parameters = z.lazy(() =>
  z.strictObject({
    path: z
      .string()
      .min(1)
      .refine((path) => IMAGE_EXTENSIONS.includes(posix.extname(path).toLowerCase()), {
        message: `must end with one of ${IMAGE_EXTENSIONS.join(', ')}`,
      })
      .describe('Where the image is put, relative to the workspace; ComfyUI makes PNG: end it with .png'),
    prompt: z.string().max(10_000).optional().describe('What the image shows, in plain words; most templates need it'),
    negative_prompt: z.string().max(10_000).optional().describe('What it must not show'),
    width: z.number().int().optional().describe('In pixels'),
    height: z.number().int().optional().describe('In pixels'),
    steps: z.number().int().optional(),
    seed: z
      .number()
      .int()
      .min(0)
      .max(MAX_SEED)
      .optional()
      .describe('The same seed gives the same image; leave it out for a new one'),
    template: z.string().max(100).default('text-to-image').describe('Name of the workflow'),
    inputs: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .optional()
      .describe('Other named inputs of the workflow'),
  }),
)
type Parameters = z.infer<typeof parameters>

/** Written down before ComfyUI is asked, so that after a crash the same image is found and not asked for twice (E5). */
const imageNote = z.object({ prompt_id: z.string(), seed: z.number() })

export interface ImageToolParts {
  readonly client: ComfyuiClient
  readonly templates: TemplateFolder
  stallMs(): number
  readonly look_ms?: number
  readonly away_ms?: number
}

const PREVIEW_EVERY_MS = 1_000
const MAX_PREVIEW_BYTES = 200_000
const MAX_IMAGES = 16
const FREE_MS = 10_000

/** `generate_image` (H5): a workflow of ComfyUI from its named inputs to checked files in the workspace. */
export function createGenerateImage(parts: ImageToolParts): Tool<Parameters> {
  const { templates } = parts
  return {
    name: 'generate_image',
    // Read anew, so that a model hears of what a person has dropped into the folder.
    get description() {
      const names = templates.list().templates.map(({ name, title }) => `${name} (${title})`)
      return `Makes an image with ComfyUI on this machine and puts it into the workspace. It takes seconds to minutes. Call it once per image. Templates: ${names.join(', ')}.`
    },
    risk: 'write',
    service: 'comfyui',
    parameters,
    prepare: async ({ seed, inputs }) => ({
      prompt_id: randomUUID(),
      seed: seed ?? (typeof inputs?.['seed'] === 'number' ? inputs['seed'] : randomInt(MAX_SEED)),
    }),

    async execute(asked, context, note) {
      const { prompt_id, seed } = imageNote.parse(note)
      // The address may be changed meanwhile: this image ends where it began (decision 0057).
      const client = parts.client.here()
      // A path that may not be written is told before the card works for minutes.
      const target = await context.workspace.hash(asked.path)
      if (!target.ok) return refused(target.error)
      const graph = await fill(client, asked, seed, prompt_id, context.signal)
      if (!graph.ok) return toResult(graph.error)
      const submit = () => client.submit({ prompt_id, client_id: prompt_id, graph: graph.value }, context.signal)
      const followed = await followPrompt(client, { prompt_id }, following(context), submit)
      if (!followed.ok) return failure(client, followed.error, prompt_id, asked, context)
      return followed.value.ok
        ? deliver(client, followed.value.files, asked.path, seed, context)
        : failure(client, followed.value.fault, prompt_id, asked, context)
    },

    async recover(asked, note, context): Promise<ToolRecovery> {
      const noted = imageNote.safeParse(note)
      if (!noted.success) return { kind: 'redo' }
      const { prompt_id, seed } = noted.data
      const client = parts.client.here()
      const followed = await followPrompt(client, { prompt_id }, following(context))
      const fault = followed.ok ? (followed.value.ok ? null : followed.value.fault) : followed.error
      if (fault?.kind === 'unavailable') return { kind: 'wait', reason: fault.message }
      if (fault?.kind === 'aborted') return { kind: 'wait', reason: fault.message }
      if (fault?.kind === 'lost') {
        const kept = await keptFile(client, prompt_id, context.signal)
        return kept === null ? { kind: 'redo' } : asRecovery(await deliver(client, [kept], asked.path, seed, context))
      }
      if (fault !== null) return asRecovery(failed(fault.message))
      const files = followed.ok && followed.value.ok ? followed.value.files : []
      return asRecovery(await deliver(client, files, asked.path, seed, context))
    },
  }

  async function fill(
    client: ComfyuiClient,
    asked: Parameters,
    seed: number,
    promptId: string,
    signal: AbortSignal,
  ): Promise<Result<ComfyuiGraph, ComfyuiFault | string>> {
    const template = templates.get(asked.template)
    if (!template.ok) return template
    const values = await valuesFor(client, template.value, asked, seed, signal)
    return values.ok ? fillTemplate(template.value, values.value, prefixOf(promptId)) : values
  }

  async function valuesFor(
    client: ComfyuiClient,
    template: Template,
    { prompt, negative_prompt, width, height, steps, inputs }: Parameters,
    seed: number,
    signal: AbortSignal,
  ): Promise<Result<InputValues, ComfyuiFault | string>> {
    const named = { prompt, negative_prompt, width, height, steps, ...inputs }
    const values: Record<string, string | number> = {}
    for (const [name, value] of Object.entries(named)) {
      // What every model may say and this workflow does not know, such as a size, is passed over; named inputs are not.
      const isExtra = inputs?.[name] === undefined && template.inputs[name] === undefined
      if (value !== undefined && !isExtra) values[name] = value
    }
    for (const [name, input] of Object.entries(template.inputs)) {
      if (input.type === 'seed') values[name] = seed
      if (input.type !== 'choice' || values[name] !== undefined || input.default !== undefined) continue
      const { node, input: field } = splitTarget(input.to[0] ?? '')
      const nodeClass = template.workflow[node]?.class_type ?? ''
      const choices = await client.choices(nodeClass, field, signal)
      if (!choices.ok) return choices
      const first = choices.value[0]
      if (first === undefined)
        return err(`ComfyUI offers nothing for "${name}" (${nodeClass}, ${field}). Put a model into its models folder.`)
      const preset = template.workflow[node]?.inputs[field]
      values[name] = typeof preset === 'string' && choices.value.includes(preset) ? preset : first
    }
    return ok(values)
  }

  function following(context: ToolContext): FollowOptions {
    let shownAt = 0
    let last: ImageProgress = { state: 'queued', ahead: 0, value: 0, max: 0, node: '' }
    const show = (preview: { media_type: 'image/jpeg' | 'image/png'; base64: string } | null): void => {
      const { node, ...progress } = last
      context.onProgress?.({ ...progress, label: node === '' ? '' : `node ${node}`, preview })
    }
    return {
      signal: context.signal,
      stall_ms: parts.stallMs(),
      ...(parts.look_ms === undefined ? {} : { look_ms: parts.look_ms }),
      ...(parts.away_ms === undefined ? {} : { away_ms: parts.away_ms }),
      onProgress(progress) {
        last = progress
        show(null)
      },
      onPreview({ media_type, bytes }) {
        const now = Date.now()
        if (now - shownAt < PREVIEW_EVERY_MS || bytes.byteLength > MAX_PREVIEW_BYTES) return
        shownAt = now
        show({ media_type, base64: Buffer.from(bytes).toString('base64') })
      },
    }
  }

  async function failure(
    client: ComfyuiClient,
    fault: ComfyuiFault,
    promptId: string,
    asked: Parameters,
    context: ToolContext,
  ): Promise<ToolResult> {
    switch (fault.kind) {
      case 'lost': {
        const kept = await keptFile(client, promptId, context.signal)
        if (kept !== null) return deliver(client, [kept], asked.path, null, context)
        return { ...again(`${fault.message} It is asked for again.`, 3), service_failed: true }
      }
      case 'stuck':
        return { ...again(fault.message, 2), service_failed: true }
      case 'out_of_memory':
        // What it kept loaded from before may have been what was in the way.
        await client.free(AbortSignal.timeout(FREE_MS))
        return again(fault.message, 2)
      case 'aborted':
        return context.signal.reason === KEEP_WORKING ? leftOpen(fault.message) : failed(fault.message)
      default:
        return toResult(fault)
    }
  }

  /** What ComfyUI saved under this prompt's own name; it outlives its history. */
  async function keptFile(client: ComfyuiClient, promptId: string, signal: AbortSignal): Promise<SavedFile | null> {
    const [subfolder = '', stem = ''] = prefixOf(promptId).split('/')
    const file: SavedFile = { filename: `${stem}_00001_.png`, subfolder, type: 'output' }
    const content = await client.file(file, signal)
    return content.ok && content.value !== null ? file : null
  }

  async function deliver(
    client: ComfyuiClient,
    files: readonly SavedFile[],
    path: string,
    seed: number | null,
    context: ToolContext,
  ): Promise<ToolResult> {
    if (files.length === 0)
      return failed('The workflow ended well but saved no image. Check that its last node is SaveImage.')
    const written: string[] = []
    for (const [index, file] of files.slice(0, MAX_IMAGES).entries()) {
      const content = await client.file(file, context.signal)
      if (!content.ok) return toResult(content.error)
      if (content.value === null)
        return failed(`ComfyUI does not have its own file ${file.filename} any more. Ask for the image again.`)
      const format = imageFormat(content.value)
      if (format === null || !isWhole(content.value, format))
        return failed(`What ComfyUI gave as ${file.filename} is not a whole image, so it was not kept. Ask again.`)
      const target = pathFor(path, index, format.extensions)
      const fault = await keep(target, content.value, context)
      if (fault !== null) return fault
      written.push(target)
    }
    const names = written.map((name) => `"${name}"`).join(', ')
    return succeeded(`Made ${names}${seed === null ? '' : ` with seed ${seed}`}.`, written)
  }
}

async function keep(target: string, content: Uint8Array, { workspace }: ToolContext): Promise<ToolResult | null> {
  return inTurn(workspace.root, target, async () => {
    const written = await workspace.write(target, content)
    return written.ok ? null : refused(written.error)
  })
}

/** Further images stand beside the first; a wrong ending is replaced by the one that fits. */
function pathFor(path: string, index: number, extensions: readonly string[]): string {
  const extension = posix.extname(path)
  const stem = canonicalPath(path).slice(0, -extension.length)
  const ending = extensions.includes(extension.toLowerCase()) ? extension : (extensions[0] ?? extension)
  return index === 0 ? `${stem}${ending}` : `${stem}-${index + 1}${ending}`
}

/** The name under which ComfyUI keeps the image in its own output folder. */
function prefixOf(promptId: string): string {
  return `baton/${promptId}`
}

function again(reason: string, max_tries: number): ToolResult {
  return { ...failed(reason), suspends: { on: 'retry', reason, open: false, max_tries } }
}

function toResult(fault: ComfyuiFault | string): ToolResult {
  if (typeof fault === 'string') return failed(fault)
  if (fault.kind !== 'unavailable') return failed(fault.message)
  return { ...leftOpen(fault.message), service_failed: true }
}

/** What was begun may still come to its end: it is settled when the service answers. */
function leftOpen(reason: string): ToolResult {
  return { ...failed(reason), suspends: { on: 'resource', reason, open: true, max_tries: Number.POSITIVE_INFINITY } }
}

function asRecovery(result: ToolResult): ToolRecovery {
  return result.suspends === undefined ? { kind: 'done', result } : { kind: 'wait', reason: result.suspends.reason }
}
