import { expect, test } from 'vitest'
import { parseOllamaHost } from './ollama-host.ts'

const spellings: [string, string][] = [
  ['', 'http://127.0.0.1:11434'],
  ['  ', 'http://127.0.0.1:11434'],
  ['localhost', 'http://localhost:11434'],
  ['gpu-box:8080', 'http://gpu-box:8080'],
  ['gpu-box:80', 'http://gpu-box'],
  [':8080', 'http://127.0.0.1:8080'],
  ['0.0.0.0', 'http://127.0.0.1:11434'],
  ['0.0.0.0:1234', 'http://127.0.0.1:1234'],
  ['::1', 'http://[::1]:11434'],
  ['[::]:1234', 'http://[::1]:1234'],
  ['http://gpu-box', 'http://gpu-box'],
  ['https://gpu-box', 'https://gpu-box'],
  ['http://gpu-box:11434/', 'http://gpu-box:11434'],
  ['https://gpu-box/ollama/', 'https://gpu-box/ollama'],
  ['gpu-box/ollama', 'http://gpu-box:11434/ollama'],
  ['"127.0.0.1:11434"', 'http://127.0.0.1:11434'],
  ['http://user:pass@gpu-box:1', 'http://user:pass@gpu-box:1'],
]

test.each(spellings)('X3 reads OLLAMA_HOST=%s as %s', (text, url) => {
  expect(parseOllamaHost(text)).toEqual({ ok: true, value: url })
})

test.each(['ftp://gpu-box', 'http://', 'gpu box', 'host:99999', 'http://host?x=1'])(
  'X3 says what is wrong with OLLAMA_HOST=%s',
  (text) => {
    const result = parseOllamaHost(text)
    expect(result.ok).toBe(false)
    if (!result.ok) expect(result.error).toMatch(/OLLAMA_HOST is set to .* but .*Give a host/)
  },
)
