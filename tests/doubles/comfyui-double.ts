import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { objectInfo, promptBody, refusalOf } from './comfyui-nodes.ts'
import { type ComfyuiSockets, serveSockets } from './comfyui-sockets.ts'
import { type ComfyuiBehaviour, ComfyuiWorker, type HistoryEntry, type Job } from './comfyui-worker.ts'
import { type Card, GIB } from './vram.ts'

export interface ComfyuiDoubleOptions {
  readonly port?: number
  /** Behaviours of the next prompts, in order; then `default`, then plain answers. */
  readonly queue?: readonly ComfyuiBehaviour[]
  readonly default?: ComfyuiBehaviour
  readonly checkpoints?: readonly string[]
  /** The card it shares with others; without one it says that it works on the processor. */
  readonly card?: Card
  /** What its model takes on the card, and how long that takes to load. */
  readonly model_bytes?: number
  readonly load_ms?: number
}

interface Call {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

export interface ComfyuiDouble {
  readonly url: string
  readonly calls: readonly Call[]
  /** Ids of the prompts that were taken, in order. */
  readonly accepted: readonly string[]
  /** Prompts that were taken and are not over. */
  pending(): string[]
  readonly history: ReadonlyMap<string, HistoryEntry>
  connections(): number
  script(...next: ComfyuiBehaviour[]): void
  setDefault(how: ComfyuiBehaviour): void
  /** Cuts every socket, as a restarting proxy does. */
  cutSockets(): void
  /** Forgets queue and history, as a restart does. Saved files stay. */
  forget(): void
  close(): Promise<void>
}

interface Asked {
  readonly body: unknown
  readonly query: URLSearchParams
  /** What follows the route's name, decoded; empty where nothing does. */
  readonly tail: string
  readonly response: ServerResponse
}

const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const interruptBody = z.looseObject({ prompt_id: z.string().optional() }).nullable()
const queueBody = z.looseObject({ clear: z.boolean().optional(), delete: z.array(z.string()).optional() })

/** A server that speaks ComfyUI's API as WIRE §4 describes it, HTTP and WebSocket, and renders flat images. */
export async function startComfyuiDouble(options: ComfyuiDoubleOptions = {}): Promise<ComfyuiDouble> {
  const { card = null, checkpoints = ['sd_xl_base_1.0.safetensors'] } = options
  const script = [...(options.queue ?? [])]
  let fallback: ComfyuiBehaviour = options.default ?? { kind: 'answer' }
  const calls: Call[] = []
  const accepted: string[] = []
  const history = new Map<string, HistoryEntry>()
  const files = new Map<string, Buffer>()
  let waiting: Job[] = []
  let number = 0
  let working = false
  const queueRemaining = (): number => waiting.length + (worker.running === null ? 0 : 1)

  const forget = (): void => {
    waiting = []
    history.clear()
    sockets.destroyAll()
  }
  const worker = new ComfyuiWorker({
    card,
    model_bytes: options.model_bytes ?? 6 * GIB,
    load_ms: options.load_ms ?? 0,
    sockets: () => sockets,
    queueRemaining,
    history,
    files,
    onLoseQueue: forget,
  })

  async function work(): Promise<void> {
    if (working) return
    working = true
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await worker.run(job)
    working = false
  }

  function submit(body: unknown, response: ServerResponse): void {
    const refuse = (type: string, message: string): void =>
      json(response, 400, { error: { type, message, details: '', extra_info: {} }, node_errors: {} })
    const parsed = promptBody.safeParse(body)
    if (!parsed.success) {
      refuse('no_prompt', 'No prompt provided')
      return
    }
    const { prompt, client_id, prompt_id = crypto.randomUUID() } = parsed.data
    if (!CANONICAL_UUID.test(prompt_id)) {
      refuse('invalid_prompt_id', 'prompt_id must be a canonical UUID')
      return
    }
    const how = script.shift() ?? fallback
    if (how.kind === 'overloaded') {
      json(response, 503, { error: 'busy' })
      return
    }
    const refusal = refusalOf(prompt, how.kind === 'refused' ? ['another.safetensors'] : checkpoints)
    if (refusal !== null) {
      json(response, 400, refusal)
      return
    }
    number += 1
    accepted.push(prompt_id)
    waiting.push({ number, prompt_id, graph: prompt, client_id, how })
    if (how.kind === 'accept_silently') response.socket?.destroy()
    else json(response, 200, { prompt_id, number, node_errors: {} })
    void work()
  }

  function systemStats(): object {
    const used = card?.used() ?? 0
    const own = card?.usedBy('comfyui') ?? 0
    const device =
      card === null
        ? {
            name: 'cpu',
            type: 'cpu',
            index: null,
            vram_total: 32 * GIB,
            vram_free: 16 * GIB,
            torch_vram_total: 0,
            torch_vram_free: 0,
          }
        : {
            name: 'cuda:0 NVIDIA GeForce RTX 4070 : cudaMallocAsync',
            type: 'cuda',
            index: 0,
            vram_total: card.total_bytes,
            vram_free: card.total_bytes - used,
            torch_vram_total: own,
            torch_vram_free: 0,
          }
    return {
      system: {
        os: 'posix',
        ram_total: 64 * GIB,
        ram_free: 32 * GIB,
        comfyui_version: '0.38.1',
        python_version: '3.12.3',
        pytorch_version: '2.9.1',
        embedded_python: false,
        argv: ['main.py'],
      },
      devices: [device],
    }
  }

  function view(query: URLSearchParams, response: ServerResponse): void {
    const file = files.get(`${query.get('subfolder') ?? ''}/${query.get('filename') ?? ''}`)
    if (file === undefined || (query.get('type') ?? 'output') !== 'output') {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': 'image/png', 'content-disposition': 'filename="image.png"' }).end(file)
  }

  const routes: Readonly<Record<string, (asked: Asked) => void>> = {
    'GET /system_stats': ({ response }) => json(response, 200, systemStats()),
    'POST /prompt': ({ body, response }) => submit(body, response),
    'GET /prompt': ({ response }) => json(response, 200, { exec_info: { queue_remaining: queueRemaining() } }),
    'GET /queue': ({ response }) =>
      json(response, 200, {
        queue_running: worker.running === null ? [] : [entryOf(worker.running)],
        queue_pending: waiting.map(entryOf),
      }),
    'POST /queue': ({ body, response }) => {
      const { clear, delete: ids = [] } = queueBody.parse(body)
      waiting = clear === true ? [] : waiting.filter((job) => !ids.includes(job.prompt_id))
      response.writeHead(200).end()
    },
    'POST /interrupt': ({ body, response }) => {
      worker.interrupt(interruptBody.parse(body)?.prompt_id)
      response.writeHead(200).end()
    },
    'POST /free': ({ response }) => {
      worker.free()
      response.writeHead(200).end()
    },
    'GET /history': ({ tail, response }) => {
      const entry = history.get(tail)
      if (tail === '') json(response, 200, Object.fromEntries(history))
      else json(response, 200, entry === undefined ? {} : { [tail]: entry })
    },
    'GET /view': ({ query, response }) => view(query, response),
    'GET /object_info': ({ tail, response }) => json(response, 200, objectInfo(tail, checkpoints)),
  }

  const server = createServer((request, response) => {
    void readJson(request).then((body) => {
      const url = new URL(request.url ?? '/', 'http://double')
      calls.push({ method: request.method ?? '', path: url.pathname, body })
      const [, head = '', tail = ''] = url.pathname.replace(/^\/api(?=\/)/, '').split('/')
      const route = routes[`${request.method ?? ''} /${head}`]
      // A page of another origin is not let in.
      const { origin, host } = request.headers
      if (origin !== undefined && new URL(origin).host !== host) response.writeHead(403).end()
      else if (route === undefined) response.writeHead(404).end('404: Not Found')
      else route({ body, query: url.searchParams, tail: decodeURIComponent(tail), response })
    })
  })
  const sockets: ComfyuiSockets = serveSockets(server, queueRemaining)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    accepted,
    history,
    pending: () => [...(worker.running === null ? [] : [worker.running]), ...waiting].map((job) => job.prompt_id),
    connections: () => sockets.connections,
    script: (...next) => void script.push(...next),
    setDefault(how) {
      fallback = how
    },
    cutSockets: () => sockets.destroyAll(),
    forget,
    close: () =>
      new Promise<void>((resolve) => {
        waiting = []
        worker.interrupt(undefined)
        sockets.destroyAll()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function entryOf({ number, prompt_id, graph }: Job): unknown[] {
  return [number, prompt_id, graph, {}, []]
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  return text === '' ? null : JSON.parse(text)
}
