import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { boundConnections } from './bound-connections.ts'

let server: Server
const lines: Socket[] = []
afterEach(() => {
  for (const line of lines.splice(0)) line.destroy()
  server.closeAllConnections()
  server.close()
})

async function serve(limit: number): Promise<number> {
  server = createServer((request, response) => {
    if (request.url === '/stream') response.write('open')
    else response.end('answer')
  })
  boundConnections(server, limit)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function open(port: number, path?: string): Promise<Socket> {
  const line = connect(port, '127.0.0.1')
  line.on('error', () => undefined)
  lines.push(line)
  await once(line, 'connect')
  if (path === undefined) return line
  line.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await once(line, 'data')
  return line
}

test('A4 connections that ask for nothing keep nobody out: the one that waits longest goes', async () => {
  const port = await serve(3)
  const [first, second, third] = [await open(port), await open(port), await open(port)]
  const gone = once(first as Socket, 'close')
  await open(port, '/honest')
  await gone
  expect([second?.destroyed, third?.destroyed]).toEqual([false, false])
})

test('A4 what is being answered stays, and where all is at work the newest goes', async () => {
  const port = await serve(2)
  const streams = [await open(port, '/stream'), await open(port, '/stream')]
  const newest = await open(port)
  await once(newest, 'close')
  expect(streams.map(({ destroyed }) => destroyed)).toEqual([false, false])
})

test('A4 a connection waits again after its answer', async () => {
  const port = await serve(2)
  const [answered, stream] = [await open(port, '/honest'), await open(port, '/stream')]
  const gone = once(answered as Socket, 'close')
  await open(port, '/honest')
  await gone
  expect(stream?.destroyed).toBe(false)
})
