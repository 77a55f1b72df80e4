/** The least that a server on SQLite does at its start: what `baton serve` is measured against. */
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'

const sqlite = new Database(join(tmpdir(), 'bare.db'))
sqlite.pragma('journal_mode = WAL')
sqlite.pragma('synchronous = FULL')
sqlite.exec('CREATE TABLE task (id INTEGER PRIMARY KEY)')
const count = sqlite.prepare('SELECT count(*) AS tasks FROM task')
const server = createServer((_request, response) => response.end(JSON.stringify(count.get())))
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })))
process.on('SIGINT', () => process.exit(0))
