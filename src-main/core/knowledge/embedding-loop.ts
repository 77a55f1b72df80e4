import type { KnowledgeStatus } from '#contract/knowledge.ts'
import type { Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import { isSameModel } from '../model/ollama-server.ts'
import type { Store } from '../store/store.ts'
import type { QuestionThread } from '../thread/question-thread.ts'
import { type Embedded, type EmbedParts, embedOnCard } from './embed-on-card.ts'
import { chooseEmbedder, unitVector, withPurpose } from './embedder.ts'
import type { IndexOperations } from './index-operations.ts'
import type { PendingChunks, Space, Spaces } from './knowledge-writer.ts'

export interface EmbeddingParts extends EmbedParts {
  readonly thread: QuestionThread<IndexOperations>
  readonly store: Store
  readonly events: EventLog
  readonly log: Log
  readonly retry_ms?: number
}

/** Makes the vectors that are missing, in the background (K2). */
export interface EmbeddingLoop {
  /** Something may be there to do: another model, a server that answers again. */
  wake(): void
  /** Files were read: until it is known that no chunk is without a vector, there are some. */
  wakeForNew(): void
  /** Looks which vectors there are, so that they are searched before anything is made. */
  load(): Promise<void>
  state(): Pick<KnowledgeStatus, 'embedding' | 'model' | 'next_model' | 'detail'> & { readonly searched: Space | null }
  close(): Promise<void>
}

const BATCH = 32
const TITLE = 'Vectors for knowledge'
const TELL_MS = 200
const RETRY_MS = 30_000
/** A text cut shorter than this would not mean the same any more. */
const LEAST_CHARACTERS = 200

export function createEmbeddingLoop(parts: EmbeddingParts): EmbeddingLoop {
  const { thread, store, events, log, board, settings, retry_ms = RETRY_MS } = parts
  const closing = new AbortController()
  let isAwake = false
  let working: Promise<void> = Promise.resolve()
  let retry: NodeJS.Timeout | undefined
  let spaces: Spaces = { searched: null, filling: null }
  let embedding: KnowledgeStatus['embedding'] = 'off'
  let detail = ''
  /** How much of a text the model's window takes, as far as it has said so. */
  const roomOf = new Map<string, number>()

  function wake(): void {
    if (closing.signal.aborted) return
    clearTimeout(retry)
    if (isAwake) {
      again = true
      return
    }
    isAwake = true
    working = run()
      .catch((cause: unknown) => {
        log.error('Vectors could not be made', { error: String(cause) })
        fail(`Baton itself failed: ${String(cause)}.`, null)
      })
      .then(() => {
        isAwake = false
      })
  }
  let again = false

  async function run(): Promise<void> {
    do {
      again = false
      await fillAll()
    } while (again && !closing.signal.aborted)
  }

  async function fillAll(): Promise<void> {
    const found = await thread.ask('spaces', null)
    if (!found.ok) return fail(found.error.message, null)
    spaces = found.value
    const searched = spaces.searched?.model ?? null
    const chosen = chooseEmbedder(settings.settings().embedding_model, board.get('ollama').models, searched)
    if (!chosen.ok) {
      embedding = 'off'
      detail = chosen.reason
      if (spaces.filling !== null) await thread.ask('drop_filling', null)
      spaces = { ...spaces, filling: null }
      return
    }
    const target = await spaceOf(chosen.model)
    if (target === null) return
    embedding = 'filling'
    detail = ''
    while (!closing.signal.aborted && !again) {
      const pending = await thread.ask('pending', { space_id: target.id, limit: BATCH })
      if (!pending.ok) return fail(pending.error.message, null)
      tell(pending.value.done, pending.value.total, chosen.model)
      if (pending.value.chunks.length === 0) return finish(target)
      if (!(await embedBatch(target, pending.value))) return
    }
  }

  /** The space of this model, begun where there is none; null where its vectors cannot be had now. */
  async function spaceOf(model: string): Promise<Space | null> {
    const { searched, filling } = spaces
    const known = [searched, filling].find((space) => space !== null && isSameModel(space.model, model)) ?? null
    if (known !== null) {
      if (filling !== null && filling.id !== known.id) await thread.ask('drop_filling', null)
      spaces = { searched, filling: known.id === filling?.id ? filling : null }
      return known
    }
    const counted = await thread.ask('pending', { space_id: -1, limit: 0 })
    // Where nothing is to be searched in, no model has to be loaded.
    if (counted.ok && counted.value.total === 0) {
      embedding = 'ready'
      detail = ''
      tell(0, 0, model)
      return null
    }
    const probe = await embed(model, ['dimensions'])
    if (!probe.ok) {
      fail(probe.reason, probe.until)
      return null
    }
    const dimensions = probe.vectors[0]?.length ?? 0
    const begun = await thread.ask('begin_space', { model, dimensions })
    if (!begun.ok) {
      fail(begun.error.message, null)
      return null
    }
    spaces = searched === null ? { searched: begun.value, filling: null } : { searched, filling: begun.value }
    return begun.value
  }

  const embed = (model: string, texts: readonly string[]): Promise<Embedded> =>
    embedOnCard(parts, model, texts, TITLE, closing.signal)

  async function embedBatch(space: Space, { chunks }: PendingChunks): Promise<boolean> {
    const room = roomOf.get(space.model) ?? Number.POSITIVE_INFINITY
    const texts = chunks.map(({ heading, text }) =>
      withPurpose(space.model, 'document', heading === '' ? text : `${heading}\n${text}`).slice(0, room),
    )
    const made = await embed(space.model, texts)
    if (closing.signal.aborted) return false
    if (!made.ok && made.too_long) {
      const shorter = Math.floor(Math.max(...texts.map((text) => text.length)) / 2)
      if (shorter < LEAST_CHARACTERS) {
        fail(made.reason, null)
        return false
      }
      // A text's beginning finds it too.
      roomOf.set(space.model, shorter)
      return true
    }
    if (!made.ok) {
      fail(made.reason, made.until)
      return false
    }
    const whole = chunks.flatMap(({ id }, index) => {
      const vector = unitVector(made.vectors[index] ?? [])
      return vector === null || vector.length !== space.dimensions ? [] : [{ id, vector }]
    })
    const stored = await thread.ask('store_vectors', {
      space_id: space.id,
      ids: whole.map(({ id }) => id),
      vectors: whole.map(({ vector }) => vector),
      up_to: chunks.at(-1)?.id ?? 0,
    })
    if (!stored.ok && !closing.signal.aborted) fail(stored.error.message, null)
    return stored.ok
  }

  async function finish(target: Space): Promise<void> {
    const takesOver = spaces.filling?.id === target.id
    if (takesOver) {
      const done = await thread.ask('search_space', target.id)
      if (!done.ok) return fail(done.error.message, null)
      spaces = { searched: target, filling: null }
    }
    embedding = 'ready'
    detail = ''
    if (takesOver) {
      const said = `${target.model} finds by meaning from now on.`
      await store.write((tx) => events.append(tx, 'knowledge.model', {}, { model: target.model, detail: said }))
    }
    for (let more = true; more && !closing.signal.aborted; ) {
      const swept = await thread.ask('sweep', null)
      more = swept.ok && swept.value
    }
  }

  function fail(reason: string, until: number | null): void {
    if (closing.signal.aborted) return
    embedding = 'failed'
    detail = reason
    const wait = until === null ? retry_ms : Math.max(100, until - Date.now())
    retry = setTimeout(wake, wait)
    retry.unref()
  }

  let toldAt = 0
  function tell(done: number, total: number, model: string): void {
    if (done < total && Date.now() - toldAt < TELL_MS) return
    toldAt = Date.now()
    events.announce({
      type: 'knowledge.progress',
      ...{ project_id: null, source_id: null, what: 'embedding', done, total, detail: model },
    })
  }

  return {
    wake,
    wakeForNew() {
      const { models } = board.get('ollama')
      const chosen = chooseEmbedder(settings.settings().embedding_model, models, spaces.searched?.model ?? null)
      if (chosen.ok && embedding !== 'failed') {
        embedding = 'filling'
        detail = ''
      }
      wake()
    },
    async load() {
      const found = await thread.ask('spaces', null)
      if (!found.ok) return
      spaces = found.value
      const { searched, filling } = spaces
      const chosen = chooseEmbedder(
        settings.settings().embedding_model,
        board.get('ollama').models,
        searched?.model ?? null,
      )
      if (!chosen.ok || searched === null) {
        detail = chosen.ok ? '' : chosen.reason
        return
      }
      const pending = await thread.ask('pending', { space_id: searched.id, limit: 1 })
      embedding = pending.ok && pending.value.chunks.length === 0 && filling === null ? 'ready' : 'filling'
    },
    state: () => ({
      embedding,
      detail,
      model: spaces.searched?.model ?? null,
      next_model: spaces.filling?.model ?? null,
      searched: spaces.searched,
    }),
    async close() {
      closing.abort()
      clearTimeout(retry)
      await working
    },
  }
}
