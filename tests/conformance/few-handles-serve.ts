/** Serves Baton, asks for what it has not loaded yet while no file can be opened, and again when that is over. */

import { createCore } from '../../src-main/core/create-core.ts'
import { createApp } from '../../src-main/http/create-app.ts'
import { listen } from '../../src-main/http/listen.ts'
import { closeAll, openAll } from '../support/all-handles.ts'

const [data_dir = ''] = process.argv.slice(2)
const opened = await createCore({ data_dir, version: '0.0.0-test', ollama_host: '127.0.0.1:2', demo: true })
if (!opened.ok) throw new Error(opened.error.message)
const core = opened.value
const listener = await listen(createApp({ core, version: '0.0.0-test', token: 'secret' }), { port: 0 })
if (!listener.ok) throw new Error(listener.error)
const { port } = listener.value

async function ask(path: string): Promise<number> {
  const headers = { authorization: 'Bearer secret', connection: 'close' }
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
  await answer.text()
  return answer.status
}

async function askAll(): Promise<number[]> {
  // The last needs what the app has, the second what the short way has.
  return [await ask('/health'), await ask('/api/status'), await ask('/api/openapi.json'), await ask('/metrics')]
}

await ask('/health')
const handles = openAll()
// Both ends of a line.
closeAll(handles.splice(-2))
const meanwhile = await askAll()
closeAll(handles)
process.stdout.write(JSON.stringify({ meanwhile, afterwards: await askAll() }))
await core.close(0)
await listener.value.close()
