import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One POST as it came. */
export interface ReceivedPost {
  readonly at: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly body: Record<string, unknown>
}

/** Somebody to whom webhooks are told. */
export interface WebhookReceiver {
  readonly url: string
  readonly host: string
  readonly received: ReceivedPost[]
  /** What the next ones are answered with; 200 where nothing is left. `null`: the line is cut without an answer. */
  readonly answers: (number | null)[]
  /** What all are answered with. */
  always: number | null | undefined
  close(): Promise<void>
}

/** A real HTTP server on a free port of this machine, on `port` where one is given. */
export async function startReceiver(port = 0): Promise<WebhookReceiver> {
  const received: ReceivedPost[] = []
  const answers: (number | null)[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
    request.on('end', () => {
      received.push({ at: Date.now(), headers: request.headers, text, body: JSON.parse(text) })
      const next = answers.length > 0 ? answers.shift() : receiver.always
      const status = next === undefined ? 200 : next
      if (status === null) request.socket.destroy()
      else response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:1/elsewhere' } : {}).end('ok')
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const receiver: WebhookReceiver = {
    ...{ url: `http://${host}/hook`, host, received, answers, always: undefined },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return receiver
}
