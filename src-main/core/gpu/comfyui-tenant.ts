import { setTimeout as delay } from 'node:timers/promises'
import { err, ok } from '#contract/result.ts'
import type { ComfyuiClient } from '../image/comfyui-client.ts'
import type { SystemStats } from '../image/comfyui-wire.ts'
import { inGigabytes, type ReadFreeVram, type Tenant } from './tenant.ts'

export interface ComfyuiTenantOptions {
  readonly client: ComfyuiClient
  readonly poll_ms?: number
  deadlineMs(): number
}

const POLL_MS = 250
/** What is left of Torch when its models are gone. */
const REST_BYTES = 512 * 1_048_576
/** Custom nodes may keep a little; most of it has to come back. */
const ENOUGH = 0.75

/** ComfyUI as a tenant: told to free its models when nothing runs in it, and done when Torch holds little any more. */
export function createComfyuiTenant(options: ComfyuiTenantOptions): Tenant {
  const { client, poll_ms = POLL_MS } = options
  return {
    id: 'comfyui',
    label: 'ComfyUI',
    async release(signal) {
      const deadline_ms = options.deadlineMs()
      const before = await client.stats(signal)
      // A server that is not there holds nothing.
      if (!before.ok) return before.error.is_gone === true ? ok(0) : err(before.error.message)
      const held = torchHeld(before.value)
      const queue = await client.queue(signal)
      if (!queue.ok) return err(queue.error.message)
      const others = queue.value.running.length + queue.value.pending.length
      if (others > 0) return err(`ComfyUI works on ${others === 1 ? 'an image' : `${others} images`} of somebody else.`)
      if (held <= REST_BYTES) return ok(0)
      const told = await client.free(signal)
      if (!told.ok) return err(told.error.message)
      const end = Date.now() + deadline_ms
      for (;;) {
        const now = await client.stats(signal)
        const left = now.ok ? torchHeld(now.value) : held
        if (left <= Math.max(REST_BYTES, held * (1 - ENOUGH))) return ok(held - left)
        if (Date.now() > end || signal.aborted)
          return err(
            `ComfyUI still holds ${inGigabytes(left)} ${deadline_ms / 1_000} s after it was told to free its models. A custom node may keep them: restart ComfyUI.`,
          )
        await delay(poll_ms)
      }
    },
  }
}

function torchHeld({ devices }: SystemStats): number {
  return cards(devices).reduce((sum, { torch_vram_total }) => sum + torch_vram_total, 0)
}

function cards(devices: SystemStats['devices']): SystemStats['devices'] {
  return devices.filter((device) => device.type !== 'cpu')
}

/** What ComfyUI tells of the card: free for everybody is what is free without Torch's own cache (WIRE §0). */
export function vramOf({ devices }: SystemStats): { free_bytes: number; total_bytes: number } | null {
  const found = cards(devices)
  if (found.length === 0) return null
  return {
    free_bytes: found.reduce((sum, device) => sum + device.vram_free - device.torch_vram_free, 0),
    total_bytes: found.reduce((sum, device) => sum + device.vram_total, 0),
  }
}

export function freeVramBy(client: ComfyuiClient): ReadFreeVram {
  return async (signal) => {
    const stats = await client.stats(signal)
    return stats.ok ? (vramOf(stats.value)?.free_bytes ?? null) : null
  }
}
