/**
 * What a figure of ours is held against: the least that a server of its kind does, as a process of its own. Started as
 * `node bare-server.ts <kind> <folder>`; prints `{url}` once it listens. The answers are as large as ours.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import Database from 'better-sqlite3'
import { Hono } from 'hono'
import { BARE_ANSWER } from './bare-answer.ts'

const [kind = '', folder = '.'] = process.argv.slice(2)
const JSON_HEAD = { 'content-type': 'application/json' }

function openDatabase() {
  const sqlite = new Database(join(folder, 'bare.db'))
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL')
  sqlite.exec('CREATE TABLE IF NOT EXISTS project (id INTEGER PRIMARY KEY, data TEXT NOT NULL)')
  return sqlite
}

/** Inserts of one turn of the event loop share a commit, as ours do; calls back after it. */
function groupCommit() {
  const sqlite = openDatabase()
  const insert = sqlite.prepare('INSERT INTO project (data) VALUES (?)')
  let waiting: { data: string; done: () => void }[] = []
  const commit = sqlite.transaction((all: typeof waiting) => {
    for (const { data } of all) insert.run(data)
  })
  return (data: string, done: () => void): void => {
    waiting.push({ data, done })
    if (waiting.length > 1) return
    setImmediate(() => {
      const all = waiting
      waiting = []
      commit(all)
      for (const one of all) one.done()
    })
  }
}

function bodyOf(request: IncomingMessage, then: (text: string) => void): void {
  let text = ''
  request.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  request.on('end', () => then(text))
}

function insertServer() {
  const write = groupCommit()
  return createServer((request, response) =>
    bodyOf(request, (text) => write(text, () => response.writeHead(201, JSON_HEAD).end(BARE_ANSWER))),
  )
}

/** A change is committed and then told to all who listen. */
function sseServer() {
  const write = groupCommit()
  const readers = new Set<ServerResponse>()
  let seq = 0
  return createServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      readers.add(response)
      request.on('close', () => readers.delete(response))
      return
    }
    bodyOf(request, (text) =>
      write(text, () => {
        seq += 1
        const frame = Buffer.from(`event: event\ndata: {"told":"${'x'.repeat(200)}"}\nid: bare-${seq}\n\n`)
        for (const reader of readers) reader.write(frame)
        response.writeHead(200, JSON_HEAD).end(BARE_ANSWER)
      }),
    )
  })
}

function honoServer() {
  const app = new Hono()
  if (kind === 'hono') app.get('*', (context) => context.body(BARE_ANSWER, 200, JSON_HEAD))
  else {
    const sqlite = openDatabase()
    sqlite.prepare('INSERT OR REPLACE INTO project VALUES (1, ?)').run(BARE_ANSWER)
    const read = sqlite.prepare<[number], string>('SELECT data FROM project WHERE id = ?').pluck()
    app.get('*', (context) => context.body(read.get(1) ?? '', 200, JSON_HEAD))
  }
  serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => ready(port))
}

function ready(port: number): void {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }))
}

const plain = {
  http: () => createServer((_, response) => response.writeHead(200, JSON_HEAD).end(BARE_ANSWER)),
  insert: insertServer,
  sse: sseServer,
}[kind]
if (plain === undefined) honoServer()
else {
  const server = plain()
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, () => {
    const bound = server.address()
    ready(typeof bound === 'object' && bound !== null ? bound.port : 0)
  })
}
