import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createAnthropicProvider } from '../model/anthropic.ts'
import type { ModelProvider } from '../model/provider.ts'
import { createProviderBoard } from '../model/provider-status.ts'
import { storeBench } from '../store/store-bench.ts'
import { createHealthMonitor, type HealthMonitor } from './health-monitor.ts'

const LOG = { info: () => undefined, warn: console.error, error: console.error }

/** A server that answers every request with this status, and counts them. */
async function service(port = 0, status = 200): Promise<{ port: number; server: Server; asked(): number }> {
  let asked = 0
  const server = createServer((_request, response) => {
    asked += 1
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    const body =
      status === 200
        ? { data: [], has_more: false, first_id: null, last_id: null }
        : { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } }
    response.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, server, asked: () => asked }
}

function monitored(port: number): {
  monitor: HealthMonitor
  state(): string
  settings: ReturnType<typeof storeBench>['settings']
  store: ReturnType<typeof storeBench>['store']
} {
  const { store, events, settings } = storeBench()
  const anthropic: ModelProvider = createAnthropicProvider({ api_key: 'sk-test', base_url: `http://127.0.0.1:${port}` })
  const board = createProviderBoard()
  const monitor = createHealthMonitor(store, events, board, () => [anthropic], settings, LOG)
  onTestFinished(() => monitor.stop())
  return { monitor, state: () => board.get('anthropic').state, settings, store }
}

test('H2 a paid service that could not be reached is asked again by itself, until it answers', async () => {
  const gone = await service()
  await new Promise((resolve) => gone.server.close(resolve))
  const { monitor, state } = monitored(gone.port)
  await monitor.checkAll()
  expect(state()).toBe('down')
  monitor.start(20)
  const back = await service(gone.port)
  await expect.poll(state).toBe('healthy')
  // Requests that were under way may come yet; asked on and on, there would be no pause of ten looks among them.
  let before = -1
  await expect
    .poll(
      () => {
        const isQuiet = back.asked() === before
        before = back.asked()
        return isQuiet
      },
      { interval: 200 },
    )
    .toBe(true)
})

test('H1 R7 a paid service is not asked by itself where only a person can mend it, or where all stays local', async () => {
  const refusing = await service(0, 401)
  const wrongKey = monitored(refusing.port)
  await wrongKey.monitor.checkAll()
  expect(wrongKey.state()).toBe('down')
  wrongKey.monitor.start(20)

  const gone = await service()
  await new Promise((resolve) => gone.server.close(resolve))
  const local = monitored(gone.port)
  await local.monitor.checkAll()
  await local.store.write((tx) => local.settings.changeSettings(tx, { local_only: true }))
  local.monitor.start(20)
  const back = await service(gone.port)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect([refusing.asked(), back.asked()]).toEqual([1, 0])
})
