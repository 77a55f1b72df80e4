import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { z } from 'zod'

const root = join(import.meta.dirname, '..', '..')

// Elsewhere a session always has a display, and Electron would be fetched.
test.runIf(process.platform === 'linux')(
  'X4 npm start says in one line why there is no window, and serves the same UI on loopback',
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'baton-start-'))
    const { DISPLAY: _x11, WAYLAND_DISPLAY: _wayland, ...env } = process.env
    const child = spawn(process.execPath, [join(root, 'scripts', 'start.ts')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, BATON_DATA_DIR: dataDir, BATON_PORT: '0', ANTHROPIC_API_KEY: '', OLLAMA_HOST: '127.0.0.1:1' },
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    try {
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
      const { url } = z.object({ url: z.url() }).parse(JSON.parse(line))
      expect(new URL(url).hostname).toBe('127.0.0.1')
      const page = await fetch(url)
      expect(page.status).toBe(200)
      expect(await page.text()).toContain('<title>Baton</title>')
      expect(said.split('\n').filter((text) => text.includes('no display'))).toHaveLength(1)
    } finally {
      child.kill('SIGINT')
      await once(child, 'exit')
      rmSync(dataDir, { recursive: true, force: true })
    }
  },
)
