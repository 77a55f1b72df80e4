import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openHostProxy } from './host-proxy.ts'
import type { Reach } from './reach.ts'

/** What a caller of the proxy is answered where the far side says `words`. */
async function answered(words: string): Promise<number> {
  const far = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(words))
  })
  await new Promise<void>((resolve) => far.listen(0, '127.0.0.1', resolve))
  const { port } = far.address() as AddressInfo
  const reach: Pick<Reach, 'find'> = { find: async () => ({ ok: true, value: { address: '127.0.0.1', family: 4 } }) }
  const proxy = await openHostProxy([`far.example:${port}`], reach as Reach)
  onTestFinished(async () => {
    await proxy.close()
    far.close()
  })
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: proxy.socket, path: `http://far.example:${port}/` }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('error', reject)
    asked.end()
  })
}

test('T4 a host that answers with a status that is none ends its call, and nothing else', async () => {
  expect(await answered('HTTP/1.1 099 x\r\ncontent-length: 0\r\n\r\n')).toBe(502)
  expect(await answered('HTTP/1.1 204 No Content\r\n\r\n')).toBe(204)
})
