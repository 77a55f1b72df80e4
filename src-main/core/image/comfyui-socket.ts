import { executingData, progressData, textFrame } from './comfyui-wire.ts'

/** What a socket tells about one prompt. */
export type PromptSign =
  | { readonly kind: 'progress'; readonly value: number; readonly max: number; readonly node: string }
  | { readonly kind: 'preview'; readonly media_type: 'image/jpeg' | 'image/png'; readonly bytes: Uint8Array }
  /** Something moved. */
  | { readonly kind: 'alive' }
  /** It is over, well or not; the history says which. */
  | { readonly kind: 'ended' }
  /** The line is gone. */
  | { readonly kind: 'lost' }

export interface PromptSocket {
  close(): void
}

/** Larger frames end the line: previews are small. */
const MAX_FRAME_BYTES = 8_000_000
const PREVIEW_IMAGE = 1
const PREVIEW_FORMATS = { 1: 'image/jpeg', 2: 'image/png' } as const
const ENDED: ReadonlySet<string> = new Set(['execution_error', 'execution_interrupted'])

/**
 * Follows one prompt on ComfyUI's `/ws` (WIRE §4). Resolves when the line is open, or with null where it cannot be had.
 * Signs after `close` are not given.
 */
export async function openPromptSocket(
  url: string,
  { client_id, prompt_id }: { readonly client_id: string; readonly prompt_id: string },
  onSign: (sign: PromptSign) => void,
  timeoutMs: number,
): Promise<PromptSocket | null> {
  const { Agent, WebSocket } = await import('undici')
  const dispatcher = new Agent({ webSocket: { maxPayloadSize: MAX_FRAME_BYTES } })
  const address = `${url.replace(/^http/, 'ws')}/ws?clientId=${encodeURIComponent(client_id)}`
  const socket = new WebSocket(address, { dispatcher })
  socket.binaryType = 'arraybuffer'
  let isOver = false
  const end = (sign: PromptSign | null): void => {
    if (isOver) return
    isOver = true
    socket.close()
    dispatcher.destroy().catch(() => undefined)
    if (sign !== null) onSign(sign)
  }

  const opened = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs)
    const settle = (is: boolean): void => {
      clearTimeout(timer)
      resolve(is)
    }
    socket.addEventListener('open', () => settle(true), { once: true })
    socket.addEventListener('error', () => settle(false))
    socket.addEventListener('close', () => settle(false))
  })
  if (!opened) {
    end(null)
    return null
  }
  socket.addEventListener('close', () => end({ kind: 'lost' }))
  socket.addEventListener('error', () => end({ kind: 'lost' }))
  socket.addEventListener('message', ({ data }) => {
    const sign = typeof data === 'string' ? readText(data, prompt_id) : readBinary(data)
    if (sign !== null && !isOver) onSign(sign)
  })
  return { close: () => end(null) }
}

function readText(text: string, promptId: string): PromptSign | null {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    // Custom nodes send what they like.
    return null
  }
  const frame = textFrame.safeParse(raw)
  if (!frame.success || frame.data.data.prompt_id !== promptId) return null
  const { type, data } = frame.data
  if (ENDED.has(type)) return { kind: 'ended' }
  if (type === 'progress') {
    const progress = progressData.safeParse(data)
    if (progress.success) return { kind: 'progress', ...pick(progress.data) }
  }
  if (type === 'executing') {
    const executing = executingData.safeParse(data)
    // Only then is the history written (WIRE §0).
    if (executing.success && executing.data.node === null) return { kind: 'ended' }
  }
  return { kind: 'alive' }
}

function pick({ value, max, node }: { value: number; max: number; node: string }) {
  return { value, max, node }
}

function readBinary(data: unknown): PromptSign | null {
  if (!(data instanceof ArrayBuffer) || data.byteLength <= 8) return null
  const view = new DataView(data)
  if (view.getUint32(0) !== PREVIEW_IMAGE) return null
  const format = view.getUint32(4)
  if (format !== 1 && format !== 2) return null
  return { kind: 'preview', media_type: PREVIEW_FORMATS[format], bytes: new Uint8Array(data, 8) }
}
