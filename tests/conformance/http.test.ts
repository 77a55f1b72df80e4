import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { wireError } from '../../src-contract/error.ts'
import { type StoredEvent, storedEvent } from '../../src-contract/event.ts'
import { pageOf } from '../../src-contract/page.ts'
import { type Project, project } from '../../src-contract/project.ts'
import { task } from '../../src-contract/task.ts'
import { timestamp } from '../../src-contract/time.ts'
import { AUTH, rawRequest, type ServedCore, serveCore } from './served-core.ts'

let served: ServedCore
beforeAll(async () => {
  served = await serveCore()
})
afterAll(() => served.close())

async function createProject(requirements = 'Write two notes about owls'): Promise<Project> {
  const answer = await served.post('/api/projects', { requirements, profile: 'demo' })
  expect(answer.status).toBe(201)
  return project.parse(await answer.json())
}

/** A project of several tasks whose work is done: it disturbs no other test. Answers with its id. */
async function finishedProject(): Promise<string> {
  const { id } = await createProject('Write two notes about owls')
  await served.call(`/api/projects/${id}/plan`, { method: 'POST' })
  const planned = await untilState(id, 'awaiting_approval')
  await served.post(`/api/plans/${planned.plan_id}/approve`, {})
  await untilState(id, 'succeeded')
  return id
}

async function idsOfTasks(projectId: string, query: string): Promise<string[]> {
  const answer = await served.call(`/api/projects/${projectId}/tasks${query}`)
  return pageOf(task)
    .parse(await answer.json())
    .items.map(({ id }) => id)
}

async function errorOf(answer: Response) {
  return wireError.parse(await answer.json()).error
}

/** Reads a stream until `enough` says so, then lets it go. */
async function readEvents(
  answer: Response,
  enough: (events: readonly StoredEvent[]) => boolean,
): Promise<StoredEvent[]> {
  expect(answer.status).toBe(200)
  const events: StoredEvent[] = []
  const parser = createParser({
    onEvent({ event, id, data }: EventSourceMessage) {
      if (event !== 'event') return
      const parsed = storedEvent.parse(JSON.parse(data))
      expect(id).toBe(parsed.id)
      events.push(parsed)
    },
  })
  const decoder = new TextDecoder()
  if (answer.body === null) throw new Error('The stream has no body.')
  for await (const chunk of answer.body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    if (enough(events)) break
  }
  return events
}

async function lastEventId(): Promise<string> {
  const answer = await served.call('/api/status')
  return ((await answer.json()) as { last_event_id: string }).last_event_id
}

test('A2 makes a project and reads it back', async () => {
  const made = await createProject()
  expect(made.id).toMatch(/^prj_/)
  const read = project.parse(await (await served.call(`/api/projects/${made.id}`)).json())
  expect(read).toEqual(made)
  const changed = await served.call(`/api/projects/${made.id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Owls' }),
  })
  expect(project.parse(await changed.json()).name).toBe('Owls')
})

test('A2a answers lists in pages, and times as RFC 3339', async () => {
  for (let count = 0; count < 3; count++) await createProject(`Project ${count}`)
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = (await (await served.call(`/api/projects?limit=2${query}`)).json()) as {
      items: Project[]
      next_cursor: string | null
    }
    expect(page.items.length).toBeLessThanOrEqual(2)
    for (const item of page.items) expect(timestamp.safeParse(item.created_at).success).toBe(true)
    seen.push(...page.items.map((item) => item.id))
    cursor = page.next_cursor
  } while (cursor !== null)
  expect(seen.length).toBeGreaterThanOrEqual(3)
  expect(new Set(seen).size).toBe(seen.length)
})

test('A2 reads some tasks of a project by their ids, and leaves out what is not of it', async () => {
  const made = await finishedProject()
  const [first = '', , third = ''] = await idsOfTasks(made, '')
  const strangers = await idsOfTasks(await finishedProject(), '')
  const ids = [third, first, ...strangers, 'tsk_zzzzzz'].join(',')
  expect(await idsOfTasks(made, `?ids=${ids}`)).toEqual([first, third])
  for (const wrong of ['prj_1', '', Array.from({ length: 101 }, () => first).join(',')]) {
    const refused = await served.call(`/api/projects/${made}/tasks?ids=${wrong}`)
    expect([refused.status, (await errorOf(refused)).code]).toEqual([400, 'BAD_REQUEST'])
  }
})

test('A3 answers every error in one shape, with the id of the request', async () => {
  const missing = await served.call('/api/projects/prj_zzzz', { headers: { 'x-correlation-id': 'my-id.1' } })
  expect(missing.status).toBe(404)
  expect(missing.headers.get('x-correlation-id')).toBe('my-id.1')
  expect(await errorOf(missing)).toMatchObject({ code: 'NOT_FOUND', correlation_id: 'my-id.1' })

  const made = await served.call('/api/projects/prj_zzzz', { headers: { 'x-correlation-id': 'not sane "' } })
  const id = made.headers.get('x-correlation-id')
  expect(id).toMatch(/^[\w-]{12}$/)
  expect((await errorOf(made)).correlation_id).toBe(id)
})

test('A3 refuses unknown and wrong fields, and names them', async () => {
  const unknown = await served.post('/api/projects', { requirements: 'x', colour: 'red' })
  expect(unknown.status).toBe(400)
  expect((await errorOf(unknown)).message).toContain('colour')

  const wrong = await served.post('/api/projects', { requirements: '   ', priority: 11 })
  expect(wrong.status).toBe(400)
  const { details } = await errorOf(wrong)
  expect(details).toEqual(expect.arrayContaining([expect.objectContaining({ field: 'priority' })]))

  expect((await served.call('/api/projects?limit=many')).status).toBe(400)
  expect((await served.call('/api/projects/nonsense')).status).toBe(400)
})

test.each(['{', '[]', '"text"', ''])('A3 answers 400 to a body that is no object: %s', async (body) => {
  const answer = await served.call('/api/projects', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(answer.status).toBe(400)
  expect(JSON.stringify(await errorOf(answer))).not.toMatch(/node_modules|\.ts:\d+/)
})

test('A4 streams what happens, and goes on after an id without gap or repeat', async () => {
  const start = await lastEventId()
  const first = await createProject('Stream one')
  const open = served.call(`/api/events/stream?after=${start}`)
  const second = await createProject('Stream two')
  const isMade = (id: string) => (event: StoredEvent) => event.type === 'project.created' && event.project_id === id
  const all = await readEvents(await open, (events) => events.some(isMade(second.id)))
  expect(all.filter(isMade(first.id))).toHaveLength(1)
  expect(all.map((event) => event.seq)).toEqual([...all.map((event) => event.seq)].sort((a, b) => a - b))
  expect(new Set(all.map((event) => event.id)).size).toBe(all.length)

  const middle = all[0]?.id ?? ''
  const resumed = await readEvents(
    // What a browser remembers goes before what the address once said.
    await served.call(`/api/events/stream?after=${start}`, { headers: { 'last-event-id': middle } }),
    (events) => events.some(isMade(second.id)),
  )
  expect(resumed.map((event) => event.id)).toEqual(all.slice(1).map((event) => event.id))
})

test('A2 streams the events of one project only', async () => {
  const start = await lastEventId()
  await createProject('Other')
  const mine = await createProject('Mine')
  const answer = await served.call(`/api/projects/${mine.id}/events?after=${start}`)
  const events = await readEvents(answer, (seen) => seen.length > 0)
  expect(events.every((event) => event.project_id === mine.id)).toBe(true)
})

test('S3 opens one stream with a ticket, once, and nothing else', async () => {
  const taken = await served.call('/api/auth/stream-ticket', { method: 'POST' })
  expect(taken.headers.get('cache-control')).toBe('no-store')
  const { ticket, expires_in } = (await taken.json()) as { ticket: string; expires_in: number }
  expect(expires_in).toBe(30)
  const start = await lastEventId()
  await createProject('Ticket')
  expect((await fetch(`${served.url}/api/status?token=${ticket}`)).status).toBe(401)
  const open = await fetch(`${served.url}/api/events/stream?after=${start}&token=${ticket}`)
  expect(await readEvents(open, (events) => events.length > 0)).not.toHaveLength(0)
  expect((await fetch(`${served.url}/api/events/stream?token=${ticket}`)).status).toBe(401)
  expect((await fetch(`${served.url}/api/events/stream?token=made-up`)).status).toBe(401)
  expect((await fetch(`${served.url}/api/auth/stream-ticket`, { method: 'POST' })).status).toBe(401)
})

test('S3 G6 the stream of a run takes a ticket too, at the root as well', async () => {
  const asked = await served.post('/runs', { prompt: 'Say hello', profile: 'demo' })
  expect(asked.status).toBe(202)
  const { run_id } = (await asked.json()) as { run_id: string }
  for (const prefix of ['', '/api']) {
    const path = `${served.url}${prefix}/runs/${run_id}/events/stream`
    const taken = await served.call('/api/auth/stream-ticket', { method: 'POST' })
    const { ticket } = (await taken.json()) as { ticket: string }
    const whole = await (await fetch(`${path}?token=${ticket}`)).text()
    expect(whole).toContain('event: run_event\n')
    expect(whole.trimEnd().split('\n').slice(-2)).toEqual(['event: done', 'data: {"status":"succeeded"}'])
    expect((await fetch(`${path}?token=${ticket}`)).status).toBe(401)
  }
  const { task_id } = (await (await served.call(`/runs/${run_id}`)).json()) as { task_id: string }
  const attempts = (await (await served.call(`/tasks/${task_id}/runs`)).json()) as { items: { id: string }[] }
  expect(attempts.items.map(({ id }) => id)).toEqual([run_id])
})

test('A1 describes every route in OpenAPI 3.1', async () => {
  const described = (await (await served.call('/api/openapi.json')).json()) as {
    openapi: string
    paths: Record<string, Record<string, { responses: Record<string, unknown> }>>
  }
  expect(described.openapi).toMatch(/^3\.1\./)
  for (const path of [
    '/projects/{id}/plan',
    '/plans/{id}/approve',
    '/events/stream',
    '/runs/{id}/events/stream',
    '/auth/stream-ticket',
    '/usage.csv',
  ]) {
    expect(Object.keys(described.paths)).toContain(path)
  }
  expect(described.paths['/projects']?.['post']?.responses).toHaveProperty('201')
  expect(JSON.stringify(described.paths['/projects']?.['post']?.responses['400'])).toContain('correlation_id')
})

test('A2 hands out a file to keep, never to run', async () => {
  const made = await finishedProject()
  const { items } = (await (await served.call(`/api/projects/${made}/artifacts`)).json()) as {
    items: { path: string; bytes: number }[]
  }
  const file = items[0]
  if (file === undefined) throw new Error('The demo model left no file.')
  const answer = await served.call(`/api/projects/${made}/files/${file.path}`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename=/)
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect(answer.headers.get('content-security-policy')).toContain('sandbox')
  expect((await answer.arrayBuffer()).byteLength).toBe(file.bytes)

  for (const path of ['%2e%2e/%2e%2e/baton.db', '..%2f..%2fbaton.db', '.git/config', 'missing.md', '%00']) {
    const refused = await rawRequest(served.port, {
      path: `/api/projects/${made}/files/${path}`,
      headers: { host: 'localhost', ...AUTH },
    })
    expect(refused.status, path).toBeGreaterThanOrEqual(400)
    expect(refused.status, path).toBeLessThan(500)
    expect(refused.body).not.toContain('SQLite')
  }

  const csv = await (await served.call(`/api/usage.csv?project_id=${made}`)).text()
  const lines = csv.trimEnd().split('\r\n')
  const usage = (await (await served.call(`/api/usage?project_id=${made}&limit=500`)).json()) as { items: unknown[] }
  expect(lines.length).toBe(usage.items.length + 1)
  expect(lines.length).toBeGreaterThan(1)
})

/** Follows the project's events until it is in `state`. */
async function untilState(id: string, state: Project['state']): Promise<Project> {
  const answer = await served.call(`/api/projects/${id}/events?after=${encodeURIComponent('0-0')}`)
  await readEvents(answer, (events) =>
    events.some((event) => event.type === 'project.state' && event.data.state === state),
  )
  return project.parse(await (await served.call(`/api/projects/${id}`)).json())
}
