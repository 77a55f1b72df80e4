import type { Brain, BrainRequest } from '../doubles/brain.ts'
import { type ComfyuiDouble, type ComfyuiDoubleOptions, startComfyuiDouble } from '../doubles/comfyui-double.ts'
import type { Double } from '../doubles/double-server.ts'
import { type OllamaDoubleOptions, startOllamaDouble } from '../doubles/ollama-double.ts'
import { type Card, type CardOptions, createCard, GIB } from '../doubles/vram.ts'
import type { TaskSketch } from './core-bench.ts'

/** Ollama and ComfyUI on one card that has room for one of them. */
export interface SharedCard {
  readonly card: Card
  readonly ollama: Double
  readonly comfyui: ComfyuiDouble
  close(): Promise<void>
}

export interface SharedCardOptions extends CardOptions {
  readonly load_ms?: number
  readonly ollama?: Partial<OllamaDoubleOptions>
  readonly comfyui?: Partial<ComfyuiDoubleOptions>
}

export async function startSharedCard(options: SharedCardOptions = {}): Promise<SharedCard> {
  const { load_ms = 0 } = options
  const card = createCard({ total_bytes: 12 * GIB, ...options })
  const ollama = await startOllamaDouble({ card, model_bytes: 7 * GIB, load_ms, brain: painter, ...options.ollama })
  const comfyui = await startComfyuiDouble({ card, model_bytes: 6 * GIB, load_ms, ...options.comfyui })
  return {
    card,
    ollama,
    comfyui,
    async close() {
      await Promise.all([ollama.close(), comfyui.close()])
    },
  }
}

/** Writes a note for a text task; asks for one image for an image task; then says that it is done, whatever came of it. */
export const painter: Brain = (request) => {
  const order = request.messages.find((message) => message.role === 'user')?.text ?? ''
  const path = /^- (\S+\.(?:png|md))$/m.exec(order)?.[1]
  // It gives up at the first error, as small models do.
  const isDone = request.messages.some((message) => message.role === 'tool')
  if (path === undefined || isDone || !canCall(request)) return { text: 'Done.', tool_calls: [] }
  const call = path.endsWith('.png')
    ? { name: 'generate_image', arguments: { path, prompt: `a picture for ${path}`, width: 64, height: 64, steps: 2 } }
    : { name: 'write_file', arguments: { path, content: `# ${path}\n\nWritten on the card.\n` } }
  return { text: '', tool_calls: [call] }
}

function canCall({ tools }: BrainRequest): boolean {
  return tools.length > 0
}

/** As many tasks, text and image by turns, all of the local tier and none depending on another. */
export function mixedTasks(count: number): TaskSketch[] {
  return Array.from({ length: count }, (_, index) => {
    const key = `t${String(index).padStart(2, '0')}`
    return index % 2 === 0
      ? { key, tier: 'local', artifacts: [`${key}.md`] }
      : { key, tier: 'local', type: 'asset', tools: ['generate_image'], artifacts: [`${key}.png`] }
  })
}
