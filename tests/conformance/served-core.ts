import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Core } from '../../src-main/core/core.ts'
import { createCore } from '../../src-main/core/create-core.ts'
import { createApp } from '../../src-main/http/create-app.ts'
import type { AppOptions } from '../../src-main/http/hono-app.ts'
import { hostCore } from '../../src-main/http/host-core.ts'
import { listen } from '../../src-main/http/listen.ts'

export const TOKEN = 'a-token-for-tests'
export const AUTH = { authorization: `Bearer ${TOKEN}` }

export interface ServedCore {
  readonly core: Core
  readonly data_dir: string
  readonly url: string
  readonly port: number
  /** `fetch` below the server's address, with the login. */
  call(path: string, init?: RequestInit): Promise<Response>
  post(path: string, body: unknown): Promise<Response>
  close(): Promise<void>
}

/** A real core with the demo model on a new data folder, served on a free port with a small page as its UI. */
export async function serveCore(change: Pick<AppOptions, 'allowed_origins'> = {}): Promise<ServedCore> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-http-'))
  const data_dir = join(folder, 'data')
  const ui_dir = join(folder, 'ui')
  mkdirSync(join(ui_dir, 'assets'), { recursive: true })
  writeFileSync(join(ui_dir, 'index.html'), '<!doctype html><title>Baton</title>')
  writeFileSync(join(ui_dir, 'assets', 'main-abc.js'), 'export {}')
  writeFileSync(join(folder, 'secret.txt'), 'outside of the UI')
  const hosted = await hostCore({
    data_dir,
    version: '0.0.0-test',
    open: () => createCore({ data_dir, version: '0.0.0-test', ollama_host: '127.0.0.1:2', demo: true }),
  })
  if (!hosted.ok) throw new Error(JSON.stringify(hosted.error))
  hosted.value.core.execute('all')
  const app = createApp({ core: hosted.value.core, version: '0.0.0-test', token: TOKEN, ui_dir, ...change })
  const listener = await listen(app, { port: 0 })
  if (!listener.ok) throw new Error(listener.error)
  const port = listener.value.port ?? 0
  const url = `http://127.0.0.1:${port}`
  const call: ServedCore['call'] = (path, init = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { ...AUTH, ...init.headers } })
  return {
    core: hosted.value.core,
    data_dir,
    url,
    port,
    call,
    post: (path, body) =>
      call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    async close() {
      await hosted.value.close(0)
      await listener.value.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: string
}

/** A request with exactly these headers, Host among them, and a path that nobody tidies up. */
export function rawRequest(
  port: number,
  options: { method?: string; path: string; headers?: Record<string, string>; body?: string },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', path, headers = {}, body } = options
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }))
    })
    // A refusal may come before the body is sent, and then ends the line.
    sent.on('error', reject)
    sent.end(body)
  })
}
