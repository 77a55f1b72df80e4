import { createConfig, lintFromString } from '@redocly/openapi-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { RIGHTS } from '../../src-main/api/rights.ts'
import { rawRequest, type ServedCore, serveCore } from './served-core.ts'

let served: ServedCore
beforeAll(async () => {
  served = await serveCore()
})
afterAll(() => served.close())

const description = z.object({
  openapi: z.string().startsWith('3.1'),
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string(), summary: z.string() }))),
})

test('A1 the description of the port is OpenAPI 3.1 and passes the linter’s recommended rules', async () => {
  const source = await (await served.call('/api/openapi.json')).text()
  description.parse(JSON.parse(source))
  const problems = await lintFromString({ source, config: await createConfig({ extends: ['recommended'] }) })
  const found = problems.map(({ severity, ruleId, location }) => `${severity} ${ruleId} ${location[0]?.pointer ?? ''}`)
  expect(found.filter((line) => line.startsWith('error'))).toEqual([])
  // A web socket has no answer of 2xx. Two of its advices are about what zod makes of "anything" and of "more than 0".
  expect(
    found.filter((line) => !/\/~1ws\/|no-illogical-composition-keywords|no-mixed-number-range/.test(line)),
  ).toEqual([])
})

test('A2 every route that is described is there: without a login it is refused or public, never unknown', async () => {
  const { paths } = description.parse(await (await served.call('/api/openapi.json')).json())
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { operationId }]) => ({
      path,
      method: method.toUpperCase(),
      operationId,
    })),
  )
  const groups = Object.values(RIGHTS).reduce((sum, group) => sum + Object.keys(group).length, 0)
  // The stream of the contract is no REST route; thirteen are written by hand.
  expect(routes).toHaveLength(groups - 1 + 13)
  expect(new Set(routes.map(({ operationId }) => operationId)).size).toBe(routes.length)
  for (const { path, method, operationId } of routes) {
    const place = `/api${path.replaceAll(/\{\w+\}/g, 'x')}`
    const { status } = await rawRequest(served.port, { method, path: place, headers: { host: 'localhost' } })
    // It is known by its signature.
    if (operationId === 'webhooks.receive') {
      expect([401, 503], path).toContain(status)
      continue
    }
    const isOpen = ['system.health', 'auth.register', 'auth.login', 'auth.refresh'].includes(operationId)
    expect([isOpen ? 200 : 401, isOpen ? 400 : 401], `${method} ${path}`).toContain(status)
  }
})
