import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { coreBench } from './core-bench.ts'
import { createSurroundings } from './surroundings.ts'

/** An Ollama that says nothing until it is told to. */
async function silentServer(): Promise<{ host: string; asked: Promise<ServerResponse> }> {
  let tell: (response: ServerResponse) => void
  const asked = new Promise<ServerResponse>((resolve) => {
    tell = resolve
  })
  const server = createServer((_, response) => tell(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

test('H1 core can be opened before its services are asked, and then says that it does not know them', async () => {
  const { host, asked } = await silentServer()
  const { core } = await coreBench({ ollama_host: host, look_around_later: true })
  const stateOfOllama = () => core.services.list().find(({ name }) => name === 'ollama')?.state
  expect(stateOfOllama()).toBe('unknown')
  const looked = core.lookAround()
  ;(await asked).end(JSON.stringify({ models: [{ name: 'llama3.2' }] }))
  await looked
  expect(stateOfOllama()).toBe('healthy')
})

test('H1 core that is closed while it asks its services ends, and asks no more', async () => {
  const { host, asked } = await silentServer()
  const { core } = await coreBench({ ollama_host: host, look_around_later: true })
  const looked = core.lookAround()
  const response = await asked
  expect(await core.close(0)).toEqual({ clean: true })
  response.end('{"models":[]}')
  await looked
})

function parts(done: string[]) {
  let settle: () => void = () => undefined
  const settled = new Promise<void>((resolve) => {
    settle = resolve
  })
  const surroundings = createSurroundings({
    settled,
    trouble: new Promise(() => undefined),
    find: async () => void done.push('find'),
    commitEnded: async () => void done.push('commit'),
    monitor: { checkAll: async () => void done.push('check'), start: () => void done.push('start') },
  })
  return { surroundings, settle }
}

test('E5 runs may begin only after what a dead process left is settled and has a checkpoint', async () => {
  const done: string[] = []
  const { surroundings, settle } = parts(done)
  const prepared = surroundings.prepared().then(() => done.push('prepared'))
  expect(done).toEqual(['find'])
  settle()
  await prepared
  expect(done).toEqual(['find', 'commit', 'check', 'start', 'prepared'])
})

test('H1 looks once, however often it is asked', async () => {
  const done: string[] = []
  const { surroundings, settle } = parts(done)
  settle()
  await Promise.all([surroundings.look(), surroundings.look(), surroundings.prepared()])
  expect(done.filter((step) => step === 'find')).toHaveLength(1)
})
