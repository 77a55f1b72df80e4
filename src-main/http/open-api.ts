import { OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { z } from 'zod'
import { takesKey } from '#api/keyed-call.ts'
import { RIGHTS } from '#api/rights.ts'
import { contract } from '#contract/contract.ts'
import { errorSchema, HAND_WRITTEN_ROUTES } from './hand-written-routes.ts'
import { ROUTE_SUMMARIES } from './route-summaries.ts'

/** What the generator gives for a route, as far as we add to it. */
const named = z.looseObject({ operationId: z.string(), parameters: z.array(z.unknown()).optional() })

/** On every route that heeds it (A3). */
const KEY_PARAMETER = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  description:
    'A name of yours for this one call, such as a UUID. Sent again within 24 hours with the same body, nothing is done twice: the first answer comes again, with `Idempotency-Replayed: true`. 422: the key stands for another call. 409: the first is under way (`Retry-After`), was cut short by a crash, or has no answer that may be shown again.',
}

/** A route of the contract with its line of words, its group, and whether it needs a login. */
function described(operation: unknown, method: string): unknown {
  const read = named.safeParse(operation)
  if (!read.success) return operation
  const [group = '', name = ''] = read.data.operationId.split('.')
  const summaries: Readonly<Record<string, Readonly<Record<string, string>>>> = ROUTE_SUMMARIES
  const rights: Readonly<Record<string, Readonly<Record<string, { scope: string }>>>> = RIGHTS
  const isPublic = rights[group]?.[name]?.scope === 'public'
  const parameters = takesKey([group, name], method.toUpperCase())
    ? { parameters: [...(read.data.parameters ?? []), KEY_PARAMETER] }
    : {}
  const summary = summaries[group]?.[name]
  return { ...read.data, summary, tags: [group], ...(isPublic && { security: [] }), ...parameters }
}

/** The OpenAPI 3.1 description of everything below `/api`. */
export async function describeApi(version: string): Promise<object> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  const document = await generator.generate(contract, {
    info: { title: 'Baton', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/api' }],
    security: [{ bearer: [] }],
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
    // Without a path it is no REST route; the stream is written by hand.
    filter: ({ contract: procedure }) => procedure['~orpc'].route.path !== undefined,
    customErrorResponseBodySchema: () => errorSchema as never,
  })
  const paths: Record<string, object> = {}
  for (const [path, operations] of Object.entries(document.paths ?? {})) {
    paths[path] = Object.fromEntries(
      Object.entries(operations ?? {}).map(([method, operation]) => [method, described(operation, method)]),
    )
  }
  return { ...document, paths: { ...paths, ...HAND_WRITTEN_ROUTES } }
}
