import { setTimeout as delay } from 'node:timers/promises'
import { inOrder, type PromptGraph } from './comfyui-nodes.ts'
import type { ComfyuiSockets } from './comfyui-sockets.ts'
import { pngOf } from './png.ts'
import { type Card, GIB } from './vram.ts'

/**
 * What the double does with one prompt:
 * - `answer`: renders it
 * - `out_of_memory`, `node_error`: breaks off at the sampler (or the first node) with that error
 * - `stuck`: falls silent there until it is interrupted
 * - `lost_socket`: cuts all sockets in the middle and goes on
 * - `lose_queue`: forgets it and everything that waits, as after a restart; what was saved stays
 * - `no_image`: ends well without an output; `bad_image`: saves bytes that are no image
 * - `refused`: 400 with a node error; `overloaded`: 503
 * - `accept_silently`: takes it, and cuts the line before it answers
 */
export interface ComfyuiBehaviour {
  readonly kind:
    | 'answer'
    | 'out_of_memory'
    | 'node_error'
    | 'stuck'
    | 'lost_socket'
    | 'lose_queue'
    | 'no_image'
    | 'bad_image'
    | 'refused'
    | 'overloaded'
    | 'accept_silently'
  /** How long each of the sampler's steps takes, in ms. */
  readonly step_ms?: number
  /** While it is true, the sampler tells of its first step again and again, as if there were many. */
  readonly isHeld?: () => boolean
}

const HELD_MS = 200

export interface Job {
  readonly number: number
  readonly prompt_id: string
  readonly graph: PromptGraph
  readonly client_id: string | undefined
  readonly how: ComfyuiBehaviour
}

export interface SavedImage {
  readonly filename: string
  readonly subfolder: string
  readonly type: 'output'
}

/** One entry of `/history`. */
export interface HistoryEntry {
  readonly prompt: readonly unknown[]
  readonly outputs: Readonly<Record<string, { images: SavedImage[] }>>
  readonly status: { status_str: 'success' | 'error'; completed: boolean; messages: [string, object][] }
  readonly meta: object
}

export interface WorkerOptions {
  readonly card: Card | null
  readonly model_bytes: number
  readonly load_ms: number
  readonly sockets: () => ComfyuiSockets
  readonly queueRemaining: () => number
  readonly history: Map<string, HistoryEntry>
  /** Saved files by `subfolder/filename`. */
  readonly files: Map<string, Buffer>
  readonly onLoseQueue: () => void
}

const WORK_BYTES = GIB

/** Carries prompts out, one at a time, and keeps models on the card as ComfyUI does: until it is told to free them. */
export class ComfyuiWorker {
  readonly #options: WorkerOptions
  running: Job | null = null
  #interrupt: AbortController = new AbortController()
  #freeWanted = false

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  interrupt(prompt_id: string | undefined): void {
    if (prompt_id === undefined || this.running?.prompt_id === prompt_id) this.#interrupt.abort()
  }

  /** Takes effect when nothing runs. */
  free(): void {
    this.#freeWanted = true
    if (this.running === null) void this.#freeNow()
  }

  async run(job: Job): Promise<void> {
    this.running = job
    this.#interrupt = new AbortController()
    const messages: [string, object][] = []
    const tell = (type: string, data: object): void => {
      const told = { ...data, prompt_id: job.prompt_id }
      if (type.startsWith('execution_')) messages.push([type, told])
      this.#options.sockets().send(job.client_id, type, told)
    }
    tell('execution_start', { timestamp: Date.now() })
    tell('execution_cached', { nodes: [], timestamp: Date.now() })
    const outputs: Record<string, { images: SavedImage[] }> = {}
    const order = inOrder(job.graph)
    const fault = await this.#execute(job, order, outputs, tell)
    if (fault === 'forgotten') {
      this.running = null
      return
    }
    if (fault === null) tell('execution_success', { timestamp: Date.now() })
    this.#options.history.set(job.prompt_id, {
      prompt: [job.number, job.prompt_id, job.graph, {}, Object.keys(outputs)],
      outputs,
      status: { status_str: fault === null ? 'success' : 'error', completed: fault === null, messages },
      meta: {},
    })
    this.running = null
    this.#options
      .sockets()
      .broadcast('status', { status: { exec_info: { queue_remaining: this.#options.queueRemaining() } } })
    tell('executing', { node: null })
    if (this.#freeWanted) await this.#freeNow()
  }

  async #execute(
    job: Job,
    order: readonly string[],
    outputs: Record<string, { images: SavedImage[] }>,
    tell: (type: string, data: object) => void,
  ): Promise<null | 'failed' | 'forgotten'> {
    const troubleAt = order.find((id) => job.graph[id]?.class_type === 'KSampler') ?? order[0]
    for (const id of order) {
      const node = job.graph[id]
      if (node === undefined) continue
      tell('executing', { node: id, display_node: id })
      const error = (exception_type: string, exception_message: string): 'failed' => {
        const node_type = node.class_type
        tell('execution_error', {
          node_id: id,
          node_type,
          executed: order.slice(0, order.indexOf(id)),
          exception_message,
          exception_type,
          traceback: ['  File "execution.py", line 1, in execute\n'],
          current_inputs: {},
          current_outputs: [],
          timestamp: Date.now(),
        })
        return 'failed'
      }
      const outOfMemory = async (): Promise<'failed'> => {
        await this.#options.card?.give('comfyui:models')
        return error('torch.OutOfMemoryError', 'Allocation on device 0 would exceed allowed memory. (out of memory)')
      }
      const interrupted = (): 'failed' => {
        tell('execution_interrupted', { node_id: id, node_type: node.class_type, executed: [], timestamp: Date.now() })
        return 'failed'
      }
      if (id === troubleAt) {
        if (job.how.kind === 'out_of_memory') return outOfMemory()
        if (job.how.kind === 'node_error') return error('RuntimeError', 'mat1 and mat2 shapes cannot be multiplied')
        if (job.how.kind === 'stuck') await untilAborted(this.#interrupt.signal)
        if (job.how.kind === 'lost_socket') this.#options.sockets().destroyAll()
        if (job.how.kind === 'lose_queue') {
          this.#options.onLoseQueue()
          return 'forgotten'
        }
      }
      if (node.class_type === 'CheckpointLoaderSimple' && !(await this.#load())) return outOfMemory()
      if (node.class_type === 'KSampler') {
        const steps = Number(node.inputs['steps'])
        for (let value = 1; value <= steps && !this.#interrupt.signal.aborted; value += 1) {
          await delay(job.how.step_ms ?? 1, undefined, { signal: this.#interrupt.signal }).catch(() => undefined)
          tell('progress', { value, max: steps, node: id })
          this.#options.sockets().sendBinary(job.client_id, previewFrame(value))
          while (value === 1 && job.how.isHeld?.() === true && !this.#interrupt.signal.aborted) {
            await delay(HELD_MS)
            tell('progress', { value, max: steps, node: id })
            this.#options.sockets().sendBinary(job.client_id, previewFrame(value))
          }
        }
      }
      if (this.#interrupt.signal.aborted) return interrupted()
      if (node.class_type === 'SaveImage' && job.how.kind !== 'no_image') {
        const images = [this.#save(job, node)]
        outputs[id] = { images }
        tell('executed', { node: id, display_node: id, output: { images } })
      }
    }
    return null
  }

  /** Whether the model and room to work with are on the card. */
  async #load(): Promise<boolean> {
    const { card, model_bytes, load_ms } = this.#options
    if (card === null || card.usedBy('comfyui') > 0) return true
    if (!card.take('comfyui:models', model_bytes + WORK_BYTES)) return false
    await delay(load_ms)
    return true
  }

  async #freeNow(): Promise<void> {
    this.#freeWanted = false
    await this.#options.card?.give('comfyui:models')
  }

  #save(job: Job, node: PromptGraph[string]): SavedImage {
    const prefix = String(node.inputs['filename_prefix'])
    const at = prefix.lastIndexOf('/')
    const subfolder = at < 0 ? '' : prefix.slice(0, at)
    const stem = prefix.slice(at + 1)
    let counter = 1
    const nameOf = (n: number): string => `${stem}_${String(n).padStart(5, '0')}_.png`
    while (this.#options.files.has(`${subfolder}/${nameOf(counter)}`)) counter += 1
    const filename = nameOf(counter)
    const size = Object.values(job.graph).find((each) => each.inputs['width'] !== undefined)?.inputs ?? {}
    const image = pngOf(Number(size['width'] ?? 64), Number(size['height'] ?? 64), Number(size['color'] ?? 0x2f6f4f))
    this.#options.files.set(
      `${subfolder}/${filename}`,
      job.how.kind === 'bad_image' ? Buffer.from('<html>not an image</html>') : image,
    )
    return { filename, subfolder, type: 'output' }
  }
}

/** Event 1, format 2: a PNG that gets brighter from step to step. */
function previewFrame(step: number): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(1, 0)
  head.writeUInt32BE(2, 4)
  return Buffer.concat([head, pngOf(96, 64, 0x203040 + 0x101010 * Math.min(step, 10))])
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
