import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type ServedCore, serveCore } from './served-core.ts'

// It comes without types.
const readText = createRequire(import.meta.url)('parse-prometheus-text-format') as (text: string) => unknown

let served: ServedCore
beforeAll(async () => {
  served = await serveCore()
})
afterAll(() => served.close())

const labels = z.record(z.string().regex(/^[a-z_]+$/), z.string()).optional()
/** As the reader gives them: numbers are texts. */
const number = z.string().transform((text) => (text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text)))
const family = z.discriminatedUnion('type', [
  z.object({
    ...{ name: z.string(), help: z.string().min(1) },
    type: z.enum(['COUNTER', 'GAUGE']),
    metrics: z.array(z.object({ value: number.pipe(z.number()), labels })),
  }),
  z.object({
    ...{ name: z.string(), help: z.string().min(1) },
    type: z.literal('HISTOGRAM'),
    metrics: z.array(z.object({ labels, buckets: z.record(z.string(), number), count: number, sum: number }).partial()),
  }),
])

async function scrape() {
  const text = await (await served.call('/metrics')).text()
  const families = z.array(family).parse(readText(text))
  // Every line that is no comment is a sample, and none was passed over by the reader.
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return { families, samples, text }
}

/** All that may only grow, by name and labels. */
function growing({ families }: Awaited<ReturnType<typeof scrape>>): Map<string, number> {
  const found = new Map<string, number>()
  for (const one of families) {
    if (one.type === 'COUNTER') {
      for (const { labels: of = {}, value } of one.metrics) found.set(`${one.name}${JSON.stringify(of)}`, value)
    }
    if (one.type !== 'HISTOGRAM') continue
    for (const { labels: of = {}, buckets = {}, count, sum } of one.metrics) {
      const name = `${one.name}${JSON.stringify(of)}`
      if (count !== undefined) found.set(`${name} count`, count)
      if (sum !== undefined) found.set(`${name} sum`, sum)
      for (const [le, value] of Object.entries(buckets)) found.set(`${name} ${le}`, value)
    }
  }
  return found
}

test('M5 a reader of Prometheus’ own text form takes every sample, and what counts only grows', async () => {
  const first = await scrape()
  expect(first.families.length).toBeGreaterThan(15)
  expect(new Set(first.families.map(({ name }) => name)).size).toBe(first.families.length)
  for (const sample of first.samples) {
    expect(sample).toMatch(/^[a-z_]+(\{([a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})? (-?\d[\d.e+-]*|\+Inf|NaN)$/)
  }
  for (const { name, type } of first.families) {
    if (type === 'COUNTER') expect(name).toMatch(/_total$|_seconds$/)
  }
  for (let i = 0; i < 5; i++) expect((await served.call('/api/projects')).status).toBe(200)
  await served.post('/api/projects', { requirements: 'Two notes', profile: 'demo' })
  const second = await scrape()
  const [before, after] = [growing(first), growing(second)]
  expect(before.size).toBeGreaterThan(3)
  for (const [name, value] of before) expect(after.get(name), name).toBeGreaterThanOrEqual(value)
  const reads = [...after].find(([name]) => /^orch_http_requests_total.*projects\.list/.test(name))
  expect(reads?.[1]).toBe(5)
  for (const one of second.families) {
    if (one.type !== 'HISTOGRAM') continue
    for (const { buckets = {}, count } of one.metrics) {
      const inOrder = Object.entries(buckets).sort(
        ([a], [b]) => Number(a.replace('+Inf', 'Infinity')) - Number(b.replace('+Inf', 'Infinity')),
      )
      const values = inOrder.map(([, value]) => value)
      expect(values).toEqual(values.toSorted((a, b) => a - b))
      // The reader gives buckets and counts of some label sets apart.
      if (values.length > 0 && count !== undefined) expect(values.at(-1)).toBe(count)
    }
  }
})
