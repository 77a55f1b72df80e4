import type { Result } from '#contract/result.ts'

export type TenantId = 'ollama' | 'comfyui'

/** One of the servers that share the card. */
export interface Tenant {
  readonly id: TenantId
  readonly label: string
  /**
   * Has it unload what it holds and answers when that was seen, not when it was said (H3): with the bytes that came back,
   * 0 where it held nothing. It never ends work: a server that is at work for others keeps the card, and the error says so.
   */
  release(signal: AbortSignal): Promise<Result<number, string>>
}

/** Memory of the card that is free for everybody, in bytes; null where nothing tells. */
export type ReadFreeVram = (signal: AbortSignal) => Promise<number | null>

export function inGigabytes(bytes: number): string {
  return `${(bytes / 1_073_741_824).toFixed(1)} GB`
}
