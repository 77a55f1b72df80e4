import { setTimeout as delay } from 'node:timers/promises'
import { ok, type Result } from '#contract/result.ts'
import type { ComfyuiClient, PromptEnd } from './comfyui-client.ts'
import type { ComfyuiFault } from './comfyui-fault.ts'
import { openPromptSocket, type PromptSign, type PromptSocket } from './comfyui-socket.ts'

/** How far an image is. */
export interface ImageProgress {
  /** `queued`: others go first; `running`; `blind`: the line is lost and the history is asked instead. */
  readonly state: 'queued' | 'running' | 'blind'
  /** Prompts that go first, where it is queued. */
  readonly ahead: number
  readonly value: number
  readonly max: number
  /** The node that works, where it is known. */
  readonly node: string
}

export interface FollowOptions {
  readonly signal: AbortSignal
  /** How long a running prompt may give no sign before it counts as stuck, in ms. */
  readonly stall_ms: number
  /** How often history and queue are looked at beside the line, in ms. */
  readonly look_ms?: number
  /** How long the server may be away before the caller is told, in ms. */
  readonly away_ms?: number
  onProgress(progress: ImageProgress): void
  onPreview(preview: Extract<PromptSign, { kind: 'preview' }>): void
}

/** Reason of a signal that ends the following but not the image: Baton stops and comes back. */
export const KEEP_WORKING = 'shutdown'

const LOOK_MS = 2_000
const AWAY_MS = 15_000
const OPEN_MS = 3_000
const CANCEL_MS = 5_000
/** A sampler with slow steps is not stuck: it may be silent this many times as long as it ever was. */
const PATIENCE = 5

type Follow = Result<PromptEnd, ComfyuiFault>

/**
 * Follows a prompt until it is over (H5). The line tells how far it is; the history decides how it ended, and is asked also
 * while the line is lost, so nothing depends on a frame that did not come. Slow is told from stuck by signs of life: a
 * running prompt that gives none for `stall_ms`, and for far longer than between any two signs so far, is stopped.
 *
 * `begin` hands the prompt over once the line is open; absent for one that was handed over before.
 */
export async function followPrompt(
  client: ComfyuiClient,
  { prompt_id }: { readonly prompt_id: string },
  options: FollowOptions,
  begin?: () => Promise<Result<void, ComfyuiFault>>,
): Promise<Follow> {
  const follower = new Follower(client, prompt_id, options)
  try {
    await follower.openLine()
    const begun = (await begin?.()) ?? ok(undefined)
    // The line may break after it was taken and before that was said.
    if (!begun.ok && !(begun.error.kind === 'unavailable' && (await follower.isKnown()))) return begun
    return await follower.untilEnd()
  } finally {
    follower.close()
  }
}

class Follower {
  readonly #client: ComfyuiClient
  readonly #promptId: string
  readonly #options: FollowOptions
  #line: PromptSocket | null = null
  #progress: ImageProgress = { state: 'queued', ahead: 0, value: 0, max: 0, node: '' }
  #lastSign = Date.now()
  #longestGap = 0
  #wake: () => void = () => undefined
  /** A sign came that the history should be asked. */
  #isDue = false
  #awaySince: number | null = null
  #missing = 0

  constructor(client: ComfyuiClient, promptId: string, options: FollowOptions) {
    this.#client = client
    this.#promptId = promptId
    this.#options = options
  }

  async openLine(): Promise<void> {
    const id = this.#promptId
    // A client id of its own: frames of other prompts do not come here, and previews carry no prompt id.
    this.#line = await openPromptSocket(
      this.#client.url,
      { client_id: id, prompt_id: id },
      (sign) => this.#take(sign),
      OPEN_MS,
    )
    this.#lastSign = Date.now()
  }

  close(): void {
    this.#line?.close()
  }

  /** Whether the server has it, as far as it can be asked. */
  async isKnown(): Promise<boolean> {
    const { signal } = this.#options
    const [ended, queue] = await Promise.all([this.#client.end(this.#promptId, signal), this.#client.queue(signal)])
    if (ended.ok && ended.value !== null) return true
    return queue.ok && [...queue.value.running, ...queue.value.pending].includes(this.#promptId)
  }

  async untilEnd(): Promise<Follow> {
    const { signal, look_ms = LOOK_MS } = this.#options
    for (;;) {
      if (signal.aborted) return this.#aborted()
      this.#isDue = false
      const looked = await this.#look()
      if (looked !== null) return looked
      if (this.#isDue) continue
      const sign = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      await Promise.race([sign, delay(look_ms, undefined, { signal }).catch(() => undefined)])
      if (this.#line === null && !signal.aborted && this.#awaySince === null) await this.openLine()
    }
  }

  #take(sign: PromptSign): void {
    if (sign.kind === 'lost') {
      this.#line = null
      this.#show({ ...this.#progress, state: 'blind' })
      this.#lookNow()
      return
    }
    const now = Date.now()
    this.#longestGap = Math.max(this.#longestGap, now - this.#lastSign)
    this.#lastSign = now
    if (sign.kind === 'preview') this.#options.onPreview(sign)
    if (sign.kind === 'progress') {
      const { value, max, node } = sign
      this.#show({ state: 'running', ahead: 0, value, max, node })
    }
    if (sign.kind === 'ended') this.#lookNow()
  }

  #lookNow(): void {
    this.#isDue = true
    this.#wake()
  }

  #show(progress: ImageProgress): void {
    this.#progress = progress
    this.#options.onProgress(progress)
  }

  /** Asks history and queue; answers when there is nothing more to wait for. */
  async #look(): Promise<Follow | null> {
    const { signal } = this.#options
    const ended = await this.#client.end(this.#promptId, signal)
    if (!ended.ok) return this.#away(ended.error)
    if (ended.value !== null) return ok(ended.value)
    const queue = await this.#client.queue(signal)
    if (!queue.ok) return this.#away(queue.error)
    this.#awaySince = null
    const { running, pending } = queue.value
    const place = pending.indexOf(this.#promptId)
    if (place >= 0) {
      this.#missing = 0
      // Others are served; that is no silence of ours.
      this.#lastSign = Date.now()
      this.#show({ state: 'queued', ahead: place + running.length, value: 0, max: 0, node: '' })
      return null
    }
    if (running.includes(this.#promptId)) {
      this.#missing = 0
      if (this.#progress.state === 'queued') this.#show({ ...this.#progress, state: 'running', ahead: 0 })
      return this.#isStuck() ? this.#stop('stuck', this.#stuckText()) : null
    }
    // Between the end of its work and its entry in the history it is in neither.
    this.#missing += 1
    if (this.#missing < 3) return null
    return {
      ok: false,
      error: {
        kind: 'lost',
        message: 'ComfyUI does not know this image any more: it was restarted, or its queue was cleared.',
      },
    }
  }

  #away(fault: ComfyuiFault): Follow | null {
    if (fault.kind !== 'unavailable') return fault.kind === 'aborted' ? null : { ok: false, error: fault }
    this.#awaySince ??= Date.now()
    const { away_ms = AWAY_MS } = this.#options
    return Date.now() - this.#awaySince >= away_ms ? { ok: false, error: fault } : null
  }

  /** Without the line there are no signs to be missed. */
  #isStuck(): boolean {
    if (this.#line === null) return false
    const silence = Date.now() - this.#lastSign
    return silence >= Math.max(this.#options.stall_ms, PATIENCE * this.#longestGap)
  }

  #stuckText(): string {
    const at = this.#progress.max > 0 ? ` after step ${this.#progress.value} of ${this.#progress.max}` : ''
    const seconds = Math.round((Date.now() - this.#lastSign) / 1_000)
    return `ComfyUI gave no sign of this image for ${seconds} s${at}, so it was stopped as stuck.`
  }

  async #aborted(): Promise<Follow> {
    if (this.#options.signal.reason !== KEEP_WORKING) return this.#stop('aborted', 'The image was cancelled.')
    return {
      ok: false,
      error: { kind: 'aborted', message: 'ComfyUI goes on with it; it is fetched at the next start.' },
    }
  }

  async #stop(kind: 'aborted' | 'stuck', message: string): Promise<Follow> {
    const cancelled = await this.#client.cancel(this.#promptId, AbortSignal.timeout(CANCEL_MS))
    const left = cancelled.ok ? '' : ' ComfyUI did not answer when it was told to stop; it may still work on it.'
    return { ok: false, error: { kind, message: `${message}${left}` } }
  }
}
