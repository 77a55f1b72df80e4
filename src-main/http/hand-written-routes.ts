import { z } from 'zod'
import { wireError } from '#contract/error.ts'
import { incomingWebhook } from '#contract/incoming-webhook.ts'
import { webhookTaken } from '#contract/webhook.ts'

const text = { type: 'string' } as const
const id = { name: 'id', in: 'path', required: true, schema: text }
const query = (name: string, schema: object = text) => ({ name, in: 'query', schema })
const content = (type: string, schema: object = text) => ({ content: { [type]: { schema } } })
const binary = { type: 'string', format: 'binary' }

/** The error answer of every route (A3). */
export const errorSchema = z.toJSONSchema(wireError, { io: 'output', target: 'draft-2020-12' })

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly object[]
  readonly requestBody?: object
  /** What a good answer is: its status, words and content. */
  readonly answer: readonly [status: string, description: string, content: object]
}

function operation({ answer: [status, description, body], operationId, ...rest }: Operation): object {
  const fault = { description: 'why it was refused', ...content('application/json', errorSchema) }
  const tags = [operationId.split('.')[0]]
  return { operationId, tags, ...rest, responses: { [status]: { description, ...body }, '4XX': fault } }
}

const STREAM =
  '`Last-Event-ID` or `after` go on after an id. Accepts a ticket as `token` instead of the login header. A `heartbeat` comes every 15 s.'
const streamed = (operationId: string, summary: string, description: string, parameters: readonly object[]) =>
  operation({
    operationId,
    summary,
    description: `${description} ${STREAM}`,
    parameters: [...parameters, query('after'), query('token'), { name: 'Last-Event-ID', in: 'header', schema: text }],
    answer: ['200', 'the stream', content('text/event-stream')],
  })
const EVENTS = 'Server-sent events: `event` (a stored event, with its id) and `delta` (output as it streams).'

/** Routes that are written by hand in `create-app.ts`, as OpenAPI has them. */
export const HAND_WRITTEN_ROUTES: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  '/events/stream': {
    get: streamed('events.follow', 'Everything that happens', EVENTS, [query('project_id')]),
  },
  '/sse/events': {
    get: streamed(
      'events.sse',
      'Everything that happens, under the address of earlier systems; also at the root, without /api',
      `${EVENTS} \`from\` goes on after an id as \`after\` does.`,
      [query('project_id'), query('from')],
    ),
  },
  '/ws': {
    get: operation({
      operationId: 'events.webSocket',
      summary: 'Everything that happens, over a WebSocket; also at the root, without /api',
      description:
        'One JSON object `{kind, …}` a message: `event` (a stored event, with its id), `delta`, `heartbeat`. `after` or `from` go on after an id. Accepts a ticket as `token` instead of the login header. A reader may say `{"after": "<id>"}` to go on after another id, or `{"type": "ping"}`. It is closed with 1013 where it reads too slowly, 4403 where it may not read any more, 1001 where Baton ends.',
      parameters: [query('project_id'), query('type'), query('after'), query('from'), query('token')],
      answer: ['101', 'the WebSocket', {}],
    }),
  },
  '/projects/{id}/events': {
    get: streamed('events.followProject', 'Everything that happens in one project', EVENTS, [id]),
  },
  '/runs/{id}/events/stream': {
    get: streamed(
      'runs.follow',
      'What happens in one run, until it ends; also at the root, without /api',
      'Server-sent events: `run_event` (with its id), and `done` with the status at the end. `last_ts`: goes on after a moment.',
      [id, query('last_ts', { type: 'string', format: 'date-time' })],
    ),
  },
  '/auth/stream-ticket': {
    post: operation({
      operationId: 'auth.streamTicket',
      summary: 'A ticket that opens one stream within 30 s',
      answer: [
        '200',
        'the ticket',
        content('application/json', {
          type: 'object',
          properties: { ticket: text, expires_in: { type: 'integer' } },
          required: ['ticket', 'expires_in'],
        }),
      ],
    }),
  },
  '/projects/{id}/files/{path}': {
    get: operation({
      operationId: 'projects.file',
      summary: 'One file of the workspace, as it is',
      parameters: [id, { name: 'path', in: 'path', required: true, schema: text }],
      answer: ['200', 'the file', content('application/octet-stream', binary)],
    }),
  },
  '/projects/{id}/export': {
    get: operation({
      operationId: 'archives.download',
      summary: 'A whole project as one file',
      parameters: [id],
      answer: ['200', 'the archive: a gzipped tar', content('application/gzip', binary)],
    }),
  },
  '/projects/import': {
    post: operation({
      operationId: 'archives.upload',
      summary: 'Makes a project of an archive, or nothing',
      requestBody: { required: true, ...content('application/gzip', binary) },
      answer: ['201', 'the project', content('application/json', { type: 'object' })],
    }),
  },
  '/webhook': {
    post: {
      ...operation({
        operationId: 'webhooks.receive',
        summary: 'What became of a job, said by whoever carries it out; also at the root, without /api',
        description:
          'Known by its signature, not by a login: `X-Signature: t=<unix seconds>,v1=<hex>`, the HMAC-SHA256 of `<t>.<body>` with a secret of the settings or of WEBHOOK_SECRET, at most 300 s old. The same message is taken once (409); the same event, signed anew, is answered with `duplicate`.',
        parameters: [
          { name: 'X-Signature', in: 'header', required: true, schema: text },
          { name: 'X-Event-Id', in: 'header', schema: text, description: 'Where the body has no `id`.' },
        ],
        requestBody: {
          required: true,
          ...content('application/json', z.toJSONSchema(incomingWebhook, { io: 'input', unrepresentable: 'any' })),
        },
        answer: ['200', 'taken', content('application/json', z.toJSONSchema(webhookTaken))],
      }),
      security: [],
    },
  },
  '/usage.csv': {
    get: operation({
      operationId: 'usage.csv',
      summary: 'Every model call as CSV',
      parameters: [query('project_id')],
      answer: ['200', 'the table', content('text/csv')],
    }),
  },
  '/audit.jsonl': {
    get: operation({
      operationId: 'users.auditFile',
      summary: 'The whole audit trail, one JSON object a line, oldest first',
      answer: ['200', 'the trail', content('application/jsonl')],
    }),
  },
  '/metrics': {
    get: operation({
      operationId: 'system.metrics',
      summary: 'Metrics in Prometheus’ text form; also at the root, without /api',
      answer: ['200', 'the metrics', content('text/plain')],
    }),
  },
}
