import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { z } from 'zod'
import { HOSTILE_KEYS, hostileValue, jsonText, POLLUTION } from './hostile-values.ts'
import { arbitraryOf, schema } from './schema-values.ts'
import type { Route } from './victim.ts'

/** A request as it goes over the line. */
export interface HostileRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
}

const operation = z.object({
  parameters: z.array(z.object({ name: z.string(), in: z.string(), schema: schema.optional() })).default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: schema.optional() })) }).optional(),
})

const POLLUTED = { [POLLUTION]: true }
const ODD_SEGMENTS = [
  '%2e%2e',
  '..%2f..%2fetc',
  '%00',
  '%zz',
  '%',
  '%ff%fe',
  '%c0%ae',
  'x'.repeat(2_000),
  '..;x',
  '%255c',
  '%F0%9F',
  '__proto__',
  'constructor',
  '-1',
  '0',
]

/** `value` with something hostile in one place. */
function spoiled(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null) return hostileValue
  const keys = Object.keys(value)
  const replaced = keys.map((key) =>
    fc.oneof(hostileValue, spoiled((value as Record<string, unknown>)[key])).map((inner) => {
      if (Array.isArray(value)) return value.map((old: unknown, at) => (String(at) === key ? inner : old))
      return { ...value, [key]: inner }
    }),
  )
  const added = fc
    .tuple(fc.constantFrom(...HOSTILE_KEYS), fc.oneof(fc.constant<unknown>(POLLUTED), hostileValue))
    // As JSON.parse would: as a field of its own, not as the prototype.
    .map(([key, inner]) => Object.fromEntries([...Object.entries(value), [key, inner]]))
  const without = keys.map((key) =>
    fc.constant(Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))),
  )
  return fc.oneof(hostileValue, added, ...replaced, ...without)
}

type Encoded = Pick<HostileRequest, 'headers' | 'body'>
const json = (body: Buffer | string, type = 'application/json'): Encoded => ({
  headers: { 'content-type': type },
  body: Buffer.from(body),
})

/** A multipart body as a browser would make it of `value`, one level deep. */
function multipart(value: unknown): Encoded {
  const parts = Object.entries(value ?? {}).map(
    ([key, inner]) => `--b\r\ncontent-disposition: form-data; name="${key}"\r\n\r\n${JSON.stringify(inner)}\r\n`,
  )
  return json(`${parts.join('')}--b--\r\n`, 'multipart/form-data; boundary=b')
}

/** The ways a value may be put on the line, most of them wrong. */
function encodings(value: unknown): fc.Arbitrary<Encoded> {
  const text = jsonText(value)
  const cut = fc.nat({ max: text.length }).map((at) => json(text.slice(0, at)))
  const invalid = fc.nat({ max: text.length }).map((at) => {
    const bytes = Buffer.from(text)
    return json(Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xc0, 0x80]), bytes.subarray(at)]))
  })
  const form = new URLSearchParams(
    Object.entries(value ?? {}).map(([key, inner]) => [key, String(JSON.stringify(inner))]),
  )
  const nestedForm = `__proto__[${POLLUTION}]=1&constructor[prototype][${POLLUTION}]=1&a[9999999]=1&a[b][c][d]=1&${form}`
  const twice = text.startsWith('{"') ? `{${text.slice(1, -1)},${text.slice(1)}` : text
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(json(text)) },
    fc.constant(json(twice)),
    fc.constant(json(text, 'text/plain')),
    fc.constant(json(text, 'application/json; charset=utf-16')),
    fc.constant(json(text, 'application/x-www-form-urlencoded')),
    fc.constant(json(nestedForm, 'application/x-www-form-urlencoded')),
    fc.constant(json(text, 'text/event-stream')),
    fc.constant(json(text, 'multipart/form-data')),
    fc.constant(json(text, '"')),
    fc.constant(multipart(value)),
    fc.constant({ headers: {}, body: Buffer.from(text) }),
    fc.constant({
      ...json(gzipSync(text)),
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    }),
    fc.constant({
      headers: { 'content-type': 'application/json', 'content-disposition': 'attachment; filename="x"' },
      body: Buffer.from(text),
    }),
    fc.constant({ headers: { 'content-type': 'application/json' }, body: null }),
    cut,
    invalid,
  )
}

/** `known`: ids of rows that are really there, so that more than "there is none" is reached. */
export function hostileRequests(
  route: Route,
  known: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<HostileRequest> {
  const { parameters, requestBody } = operation.parse(route.operation)
  const content = Object.values(requestBody?.content ?? {})[0]
  const [group = ''] = route.path.split('/').filter((part) => part !== '')
  const ids = known[group] ?? []
  const segment = fc.oneof(
    ...(ids.length === 0 ? [] : [{ weight: 4, arbitrary: fc.constantFrom(...ids) }]),
    { weight: 1, arbitrary: fc.constantFrom(...ODD_SEGMENTS) },
    {
      weight: 1,
      arbitrary: hostileValue.map((value) => encodeURIComponent(String(value).toWellFormed().slice(0, 500)) || 'x'),
    },
  )
  const named = (of: (typeof parameters)[number]) =>
    of.schema === undefined
      ? segment
      : fc.oneof(
          segment,
          arbitraryOf(of.schema).map((value) => encodeURIComponent(String(value).toWellFormed()) || 'x'),
        )
  const path = fc.tuple(...parameters.filter((each) => each.in === 'path').map((each) => named(each))).map((values) => {
    let at = 0
    return route.path.replaceAll(/\{\w+\}/g, () => values[at++] ?? 'x')
  })
  const queryPart = parameters
    .filter((each) => each.in === 'query' && each.name !== 'token')
    .map((each) => fc.option(named(each).map((value) => `${each.name}=${value}`)))
  const odd = fc.option(
    fc.constantFrom(
      `__proto__[${POLLUTION}]=1`,
      `constructor[prototype][${POLLUTION}]=1`,
      'a=1&a=2',
      '%zz=%',
      'limit[]=1',
      'limit[0]=9&limit[x]=1',
      'id=prj_1',
      'unknown=1',
      '&&&=&',
    ),
    { freq: 4 },
  )
  const query = fc.tuple(odd, ...queryPart).map((parts) => parts.filter((part) => part !== null).join('&'))
  const good = content?.schema === undefined ? fc.jsonValue({ maxDepth: 2 }) : arbitraryOf(content.schema)
  const sent = good.chain((value) =>
    fc.oneof(fc.constant(value), spoiled(value), spoiled(value).chain(spoiled)).chain(encodings),
  )
  return fc.tuple(path, query, sent).map(([place, search, encoded]) => ({
    method: route.method,
    path: `/api${place}${search === '' ? '' : `?${search}`}`,
    ...(route.method === 'GET' ? { headers: {}, body: null } : encoded),
  }))
}
