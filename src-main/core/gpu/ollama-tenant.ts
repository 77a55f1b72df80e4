import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import { errorCode } from '../model/call-guard.ts'
import { inGigabytes, type ReadFreeVram, type Tenant } from './tenant.ts'

const loadedModels = z.object({ models: z.array(z.object({ name: z.string(), size_vram: z.number().default(0) })) })
export type LoadedModels = z.infer<typeof loadedModels>['models']

export interface OllamaTenantOptions {
  /** Its address at the moment. */
  host(): string
  readonly freeVram: ReadFreeVram
  readonly poll_ms?: number
  /** How long an idle runner may take to go, and its memory to come back. */
  deadlineMs(): number
}

const POLL_MS = 250
const ANSWER_MS = 10_000
/** Where nothing tells of the card's memory: Ollama itself expects it back within 0.5 to 1.5 s (WIRE §5). */
const BLIND_WAIT_MS = 1_500
/** What Ollama reports is its own estimate. */
const ENOUGH = 0.5

/** Ollama as a tenant: its models are unloaded, and gone when `/api/ps` is empty and their memory is free. */
export function createOllamaTenant(options: OllamaTenantOptions): Tenant {
  const { freeVram, poll_ms = POLL_MS } = options

  return {
    id: 'ollama',
    label: 'Ollama',
    async release(signal) {
      const host = options.host()
      const deadline_ms = options.deadlineMs()
      const loaded = await listLoaded(host, signal)
      if (!loaded.ok) return loaded
      const models = loaded.value
      if (models.length === 0) return ok(0)
      const before = await freeVram(signal)
      const end = Date.now() + deadline_ms
      for (const { name } of models) {
        const asked = await unload(host, name, signal)
        if (!asked.ok) return asked
      }
      for (;;) {
        const left = await listLoaded(host, signal)
        if (!left.ok) return left
        if (left.value.length === 0) break
        if (Date.now() > end || signal.aborted) return err(stillThere(left.value, deadline_ms))
        await delay(poll_ms)
      }
      return untilFree(models, before, { end, deadline_ms }, signal)
    },
  }

  async function untilFree(
    models: LoadedModels,
    before: number | null,
    { end, deadline_ms }: { end: number; deadline_ms: number },
    signal: AbortSignal,
  ): Promise<Result<number, string>> {
    const held = models.reduce((sum, model) => sum + model.size_vram, 0)
    if (before === null) {
      await delay(BLIND_WAIT_MS)
      return ok(held)
    }
    for (;;) {
      const now = await freeVram(signal)
      if (now === null || now - before >= held * ENOUGH) return ok(held)
      if (Date.now() > end || signal.aborted)
        return err(
          `Ollama says that it unloaded ${names(models)}, but the card's memory did not come back within ${deadline_ms / 1_000} s.`,
        )
      await delay(poll_ms)
    }
  }
}

/** What Ollama has loaded now, by `GET /api/ps`; nothing where no server runs. */
export async function listLoaded(host: string, signal: AbortSignal): Promise<Result<LoadedModels, string>> {
  try {
    const response = await fetch(`${host}/api/ps`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    })
    const parsed = loadedModels.safeParse(await response.json())
    return parsed.success ? ok(parsed.data.models) : err(`Ollama at ${host} does not say what it has loaded.`)
  } catch (cause) {
    // A server that is not there holds nothing.
    if (errorCode(cause) === 'ECONNREFUSED') return ok([])
    return err(`Ollama at ${host} does not say what it has loaded (${errorCode(cause) || String(cause)}).`)
  }
}

async function unload(host: string, model: string, signal: AbortSignal): Promise<Result<void, string>> {
  try {
    const response = await fetch(`${host}/api/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // No messages and no time to live: unload (WIRE §3).
      body: JSON.stringify({ model, messages: [], keep_alive: 0, stream: false }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    })
    await response.body?.cancel()
    return response.ok ? ok(undefined) : err(`Ollama refused to unload ${model} (${response.status}).`)
  } catch (cause) {
    return err(`Ollama did not answer when it was told to unload ${model} (${errorCode(cause) || String(cause)}).`)
  }
}

function stillThere(models: LoadedModels, ms: number): string {
  const held = models.reduce((sum, model) => sum + model.size_vram, 0)
  return `Ollama still holds ${names(models)} (${inGigabytes(held)}) ${ms / 1_000} s after it was told to unload. Another program may be using it: end that, or run "ollama stop ${models[0]?.name ?? ''}".`
}

function names(models: LoadedModels): string {
  return models.map((model) => model.name).join(', ')
}
