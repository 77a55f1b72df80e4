import type { LoadedModel, ModelPull } from '#contract/model.ts'
import { ok } from '#contract/result.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Core } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import { refuse } from '../refusal.ts'
import { isSameModel, type OllamaServer } from './ollama-server.ts'

/** How often progress is told of at most: a window needs no more, a fast line says much more. */
const TELL_MS = 200
const LOOK_MS = 5_000

type Part = Pick<Core['models'], 'loaded' | 'pulls' | 'pull' | 'cancelPull'>

interface OpenPull {
  pull: ModelPull
  readonly controller: AbortController
}

/**
 * Models of Ollama: which are loaded, and pulling others (R6). Pulls live with this core: after a restart one is simply
 * begun again, and the server goes on with what it has. `onPulled` is told of each that has come.
 */
export function createModelPulls(
  server: OllamaServer,
  events: EventLog,
  onPulled: (model: string) => Promise<void>,
): Part & { close(): void } {
  let known: OpenPull[] = []

  function tell(open: OpenPull, change: Partial<ModelPull>): void {
    open.pull = { ...open.pull, ...change }
    events.announce({ type: 'model.pull', project_id: null, pull: open.pull })
  }

  async function carryOut(open: OpenPull): Promise<void> {
    let next: NodeJS.Timeout | undefined
    const { model } = open.pull
    const pulled = await server.pull(
      model,
      ({ status, completed_bytes, total_bytes }) => {
        open.pull = { ...open.pull, detail: status, completed_bytes, total_bytes }
        // The last word before a silence is told too: a line that stands still shows how far it came.
        next ??= setTimeout(() => {
          next = undefined
          tell(open, {})
        }, TELL_MS).unref()
      },
      open.controller.signal,
    )
    clearTimeout(next)
    if (pulled.ok) {
      await onPulled(model)
      tell(open, { state: 'succeeded', detail: `${model} is there.`, completed_bytes: open.pull.total_bytes })
    } else if (open.controller.signal.aborted) {
      tell(open, { state: 'cancelled', detail: 'Cancelled. What has come is kept and is not fetched again.' })
    } else tell(open, { state: 'failed', detail: pulled.fault.message })
  }

  const running = (model: string): OpenPull | undefined =>
    known.find(({ pull }) => pull.state === 'running' && isSameModel(pull.model, model))

  return {
    async loaded() {
      const asked = await server.loaded(AbortSignal.timeout(LOOK_MS))
      if (!asked.ok) return refuse('unavailable', asked.fault.message)
      return ok(
        asked.value.map(
          ({ name, size, size_vram, context_tokens, expires_at }): LoadedModel => ({
            model: name,
            size_bytes: size,
            vram_bytes: size_vram,
            context_tokens,
            expires_at: toTimestampOrNull(expires_at),
          }),
        ),
      )
    },
    pulls: () => known.map(({ pull }) => pull),
    pull(model) {
      const under = running(model)
      if (under !== undefined) return under.pull
      const pull: ModelPull = {
        model,
        state: 'running',
        detail: 'Asks Ollama for it.',
        completed_bytes: 0,
        total_bytes: 0,
        started_at: toTimestamp(Date.now()),
      }
      const open: OpenPull = { pull, controller: new AbortController() }
      known = [open, ...known.filter((other) => !isSameModel(other.pull.model, model))]
      tell(open, {})
      carryOut(open).catch((cause: unknown) => tell(open, { state: 'failed', detail: `Baton itself failed: ${cause}` }))
      return open.pull
    },
    cancelPull(model) {
      const under = running(model)
      if (under === undefined) return refuse('not_found', `${model} is not being pulled.`)
      under.controller.abort()
      return ok(under.pull)
    },
    close() {
      for (const { controller } of known) controller.abort()
    },
  }
}
