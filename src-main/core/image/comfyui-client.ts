import type { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import { errorCode } from '../model/call-guard.ts'
import { type ComfyuiFault, historyFault, refusalFault } from './comfyui-fault.ts'
import {
  type ComfyuiGraph,
  history,
  objectInfo,
  promptRefused,
  promptTaken,
  queueState,
  type SavedFile,
  type SystemStats,
  systemStats,
} from './comfyui-wire.ts'

/** How a prompt that is over ended. */
export type PromptEnd =
  | { readonly ok: true; readonly files: readonly SavedFile[] }
  | { readonly ok: false; readonly fault: ComfyuiFault }

/** ComfyUI's HTTP side (WIRE §4). Faults are values; nothing is retried here. */
export interface ComfyuiClient {
  readonly url: string
  /** One that stays with the address of this moment: a prompt is asked for, followed and fetched at one server. */
  here(): ComfyuiClient
  stats(signal: AbortSignal): Promise<Result<SystemStats, ComfyuiFault>>
  /** Hands a workflow over under our own id. An `unavailable` may come after it was taken. */
  submit(prompt: Prompt, signal: AbortSignal): Promise<Result<void, ComfyuiFault>>
  /** Ids of prompts, in order; also those of others. */
  queue(signal: AbortSignal): Promise<Result<{ running: string[]; pending: string[] }, ComfyuiFault>>
  /** How a prompt ended; null while it has not, and where the server does not know it. */
  end(promptId: string, signal: AbortSignal): Promise<Result<PromptEnd | null, ComfyuiFault>>
  /** The content of a kept file; null where there is none. */
  file(file: SavedFile, signal: AbortSignal): Promise<Result<Uint8Array | null, ComfyuiFault>>
  /** Takes a prompt out of the queue, or stops it where it runs. Others' are not touched. */
  cancel(promptId: string, signal: AbortSignal): Promise<Result<void, ComfyuiFault>>
  /** Asks to unload models and give memory back; it does so when nothing runs. */
  free(signal: AbortSignal): Promise<Result<void, ComfyuiFault>>
  /** What an input of a node may be, where the node offers a list; empty otherwise. */
  choices(nodeClass: string, input: string, signal: AbortSignal): Promise<Result<string[], ComfyuiFault>>
}

export interface Prompt {
  readonly prompt_id: string
  readonly client_id: string
  readonly graph: ComfyuiGraph
}

/** Each question is answered at once, also while images are made. */
const ANSWER_MS = 15_000
const FILE_MS = 120_000
const MAX_JSON_BYTES = 16_000_000
export const MAX_IMAGE_BYTES = 64_000_000

/** `address`: its base URL at the moment, without a slash at its end. */
export function createComfyuiClient(address: () => string): ComfyuiClient {
  const unavailable = (why: string): { ok: false; error: ComfyuiFault } =>
    err({
      kind: 'unavailable',
      message: `ComfyUI at ${address()} ${why} Start it, or correct its address: COMFYUI_URL, or the page First run.`,
    })

  async function ask(
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal,
    { body, max_bytes = MAX_JSON_BYTES, ms = ANSWER_MS }: { body?: unknown; max_bytes?: number; ms?: number } = {},
  ): Promise<Result<{ status: number; bytes: Uint8Array }, ComfyuiFault>> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ms)])
    try {
      const response = await fetch(`${address()}${path}`, {
        method,
        signal: limit,
        redirect: 'error',
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      const bytes = await readAtMost(response, max_bytes)
      if (bytes === null)
        return err({ kind: 'bad_result', message: `ComfyUI answered ${path} with more than ${max_bytes} bytes.` })
      if (response.status >= 500) return unavailable(`answers with an error (${response.status}).`)
      return ok({ status: response.status, bytes })
    } catch (cause) {
      if (signal.aborted) return err({ kind: 'aborted', message: 'The call of ComfyUI was cancelled.' })
      if (limit.aborted) return unavailable(`did not answer within ${ms / 1_000} s.`)
      const fault = unavailable(`cannot be reached (${errorCode(cause) || String(cause)}).`)
      return errorCode(cause) === 'ECONNREFUSED' ? err({ ...fault.error, is_gone: true }) : fault
    }
  }

  async function read<T extends z.ZodType>(
    schema: T,
    path: string,
    signal: AbortSignal,
  ): Promise<Result<z.output<T>, ComfyuiFault>> {
    const answer = await ask('GET', path, signal)
    if (!answer.ok) return answer
    const parsed = schema.safeParse(jsonOf(answer.value.bytes))
    return parsed.success ? ok(parsed.data) : unavailable('answers, but not like ComfyUI.')
  }

  async function tell(path: string, body: unknown, signal: AbortSignal): Promise<Result<void, ComfyuiFault>> {
    const answer = await ask('POST', path, signal, { body })
    return answer.ok ? ok(undefined) : answer
  }

  const queue: ComfyuiClient['queue'] = async (signal) => {
    const state = await read(queueState, '/queue', signal)
    if (!state.ok) return state
    const { queue_running, queue_pending } = state.value
    const pending = [...queue_pending].sort((a, b) => a[0] - b[0])
    return ok({ running: queue_running.map((entry) => entry[1]), pending: pending.map((entry) => entry[1]) })
  }

  return {
    get url() {
      return address()
    },
    here() {
      const url = address()
      return createComfyuiClient(() => url)
    },
    queue,
    stats: (signal) => read(systemStats, '/system_stats', signal),
    async submit({ prompt_id, client_id, graph }, signal) {
      const answer = await ask('POST', '/prompt', signal, { body: { prompt: graph, prompt_id, client_id } })
      if (!answer.ok) return answer
      const { status, bytes } = answer.value
      const body = jsonOf(bytes)
      if (status !== 200) {
        const refused = promptRefused.safeParse(body)
        return refused.success ? err(refusalFault(refused.data)) : unavailable(`refused the workflow (${status}).`)
      }
      const taken = promptTaken.safeParse(body)
      if (!taken.success) return unavailable('answers, but not like ComfyUI.')
      const { node_errors } = taken.data
      if (Object.keys(node_errors).length === 0) return ok(undefined)
      // A part of the outputs was refused and the rest goes on; we want all of them.
      return err(refusalFault({ error: { type: 'partly_refused', message: '', details: '' }, node_errors }))
    },
    async end(promptId, signal) {
      const entries = await read(history, `/history/${promptId}`, signal)
      if (!entries.ok) return entries
      const entry = entries.value[promptId]
      if (entry === undefined) return ok(null)
      const fault = historyFault(entry)
      if (fault !== null) return ok({ ok: false, fault })
      const files = Object.values(entry.outputs).flatMap((output) => output.images ?? [])
      return ok({ ok: true, files: files.filter((file) => file.type === 'output') })
    },
    async file({ filename, subfolder, type }, signal) {
      const query = new URLSearchParams({ filename, subfolder, type })
      const answer = await ask('GET', `/view?${query.toString()}`, signal, { max_bytes: MAX_IMAGE_BYTES, ms: FILE_MS })
      if (!answer.ok) return answer
      return ok(answer.value.status === 200 ? answer.value.bytes : null)
    },
    async cancel(promptId, signal) {
      const removed = await tell('/queue', { delete: [promptId] }, signal)
      if (!removed.ok) return removed
      const state = await queue(signal)
      if (!state.ok) return state
      // Older servers stop whatever runs, whichever id is named.
      return state.value.running.includes(promptId)
        ? tell('/interrupt', { prompt_id: promptId }, signal)
        : ok(undefined)
    },
    free: (signal) => tell('/free', { unload_models: true, free_memory: true }, signal),
    async choices(nodeClass, input, signal) {
      const info = await read(objectInfo, `/object_info/${encodeURIComponent(nodeClass)}`, signal)
      if (!info.ok) return info
      const list = info.value[nodeClass]?.input.required[input]?.[0]
      return ok(Array.isArray(list) ? list.filter((choice) => typeof choice === 'string') : [])
    },
  }
}

/** The body, or null where it is longer than allowed. */
async function readAtMost(response: Response, limit: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop ends the transfer.
    if (size > limit) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    // No JSON: the schema refuses it with a reason.
    return undefined
  }
}
