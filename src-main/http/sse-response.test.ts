import { connect } from 'node:net'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import { honoListener } from './hono-listener.ts'
import { listen } from './listen.ts'
import { sseResponse } from './sse-response.ts'

test('A4 a reader that takes nothing is dropped, and until then holds no more than its line does', async () => {
  let given = 0
  let ended: () => void = () => undefined
  const dropped = new Promise<void>((resolve) => {
    ended = resolve
  })
  const app = new Hono()
  app.get('/', (context) => {
    async function* items(): AsyncGenerator<string> {
      try {
        for (;;) {
          given += 1
          yield 'x'.repeat(10_000)
        }
      } finally {
        ended()
      }
    }
    return sseResponse(
      context,
      items(),
      new AbortController(),
      (stream, data) => stream.writeSSE({ event: 'item', data }),
      200,
    )
  })
  const listener = await listen({ load: async () => honoListener(app.fetch) }, { port: 0 })
  if (!listener.ok) throw new Error(listener.error)
  onTestFinished(() => listener.value.close())
  const socket = connect(listener.value.port ?? 0, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await dropped
  // Some megabytes in the kernel's buffers on both sides, and no more: nothing runs ahead of the reader.
  expect(given).toBeLessThan(5_000)
})
