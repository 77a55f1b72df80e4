import { OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { z } from 'zod'
import { contract } from '#contract/contract.ts'
import { wireError } from '#contract/error.ts'

const text = { type: 'string' } as const
const stream = (summary: string, parameters: object[]) => ({
  get: {
    tags: ['events'],
    summary,
    description:
      'Server-sent events: `event` (a stored event, with its id), `delta` (output as it streams), `heartbeat` every 15 s. `Last-Event-ID` or `after` go on after an id. Accepts a ticket as `token` instead of the login header.',
    parameters: [
      { name: 'after', in: 'query', schema: text },
      { name: 'token', in: 'query', schema: text },
      { name: 'Last-Event-ID', in: 'header', schema: text },
      ...parameters,
    ],
    responses: { '200': { description: 'the stream', content: { 'text/event-stream': { schema: text } } } },
  },
})

/** Routes that are written by hand beside the contract. */
const byHand = {
  '/events/stream': stream('Everything that happens', [{ name: 'project_id', in: 'query', schema: text }]),
  '/projects/{id}/events': stream('Everything that happens in one project', [
    { name: 'id', in: 'path', required: true, schema: text },
  ]),
  '/runs/{id}/events/stream': {
    get: {
      tags: ['runs'],
      summary: 'What happens in one run, until it ends; also at the root, without /api',
      description:
        'Server-sent events: `run_event` (with its id), `heartbeat` every 15 s, `done` with the status at the end. Goes on after `Last-Event-ID`, `after` (an id) or `last_ts` (a timestamp), all exclusive. Accepts a ticket as `token` instead of the login header.',
      parameters: [
        { name: 'id', in: 'path', required: true, schema: text },
        { name: 'after', in: 'query', schema: text },
        { name: 'last_ts', in: 'query', schema: { type: 'string', format: 'date-time' } },
        { name: 'token', in: 'query', schema: text },
        { name: 'Last-Event-ID', in: 'header', schema: text },
      ],
      responses: { '200': { description: 'the stream', content: { 'text/event-stream': { schema: text } } } },
    },
  },
  '/auth/stream-ticket': {
    post: {
      tags: ['auth'],
      summary: 'A ticket that opens one stream within 30 s',
      responses: {
        '200': {
          description: 'the ticket',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: { ticket: text, expires_in: { type: 'integer' } },
                required: ['ticket', 'expires_in'],
              },
            },
          },
        },
      },
    },
  },
  '/projects/{id}/files/{path}': {
    get: {
      tags: ['projects'],
      summary: 'One file of the workspace, as it is',
      parameters: [
        { name: 'id', in: 'path', required: true, schema: text },
        { name: 'path', in: 'path', required: true, schema: text },
      ],
      responses: {
        '200': {
          description: 'the file',
          content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
        },
      },
    },
  },
  '/projects/{id}/export': {
    get: {
      tags: ['archives'],
      summary: 'A whole project as one file',
      parameters: [{ name: 'id', in: 'path', required: true, schema: text }],
      responses: {
        '200': {
          description: 'the archive: a gzipped tar',
          content: { 'application/gzip': { schema: { type: 'string', format: 'binary' } } },
        },
      },
    },
  },
  '/projects/import': {
    post: {
      tags: ['archives'],
      summary: 'Makes a project of an archive, or nothing',
      requestBody: {
        required: true,
        content: { 'application/gzip': { schema: { type: 'string', format: 'binary' } } },
      },
      responses: {
        '201': { description: 'the project', content: { 'application/json': { schema: { type: 'object' } } } },
      },
    },
  },
  '/usage.csv': {
    get: {
      tags: ['usage'],
      summary: 'Every model call as CSV',
      parameters: [{ name: 'project_id', in: 'query', schema: text }],
      responses: { '200': { description: 'the table', content: { 'text/csv': { schema: text } } } },
    },
  },
}

/** The OpenAPI 3.1 description of everything below `/api`. */
export async function describeApi(version: string): Promise<object> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  const errorSchema = z.toJSONSchema(wireError, { io: 'output', target: 'draft-2020-12' })
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
  return { ...document, paths: { ...document.paths, ...byHand } }
}
