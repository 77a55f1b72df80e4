import { expect, test } from 'vitest'
import { parseEnvironment, withoutUse } from './environment.ts'

test('X3 reads what it knows and leaves the rest alone', () => {
  const parsed = parseEnvironment({
    HOME: '/root',
    BATON_PORT: '0',
    BATON_DATA_DIR: ' /data ',
    CORS_ORIGINS: 'https://a.example, https://b.example,',
    BATON_LOG_LEVEL: 'warn',
  })
  expect(parsed).toEqual({
    ok: true,
    value: {
      BATON_PORT: 0,
      BATON_DATA_DIR: '/data',
      CORS_ORIGINS: ['https://a.example', 'https://b.example'],
      BATON_LOG_LEVEL: 'warn',
    },
  })
})

test('X3 reads keys and addresses of the other providers, and names an address that is none', () => {
  const given = { OPENAI_API_KEY: 'sk-1', GEMINI_API_KEY: 'g', LMSTUDIO_BASE_URL: 'http://127.0.0.1:1234/v1' }
  expect(parseEnvironment(given)).toEqual({ ok: true, value: given })
  expect(parseEnvironment({ VLLM_BASE_URL: 'gpu-box:8000' })).toMatchObject({
    ok: false,
    error: expect.stringMatching(/VLLM_BASE_URL must be an http or https URL/),
  })
})

test('X3 takes an empty variable for none', () => {
  expect(parseEnvironment({ BATON_PORT: '', ANTHROPIC_API_KEY: '  ', OLLAMA_HOST: '' })).toEqual({
    ok: true,
    value: {},
  })
})

test.each([
  ['BATON_PORT', 'http'],
  ['BATON_PORT', '65536'],
  ['BATON_PORT', '1.5'],
  ['BATON_LOG_LEVEL', 'loud'],
  ['ANTHROPIC_BASE_URL', 'ftp://somewhere'],
])('X3 names the variable that is wrong: %s=%s', (name, value) => {
  const parsed = parseEnvironment({ [name]: value })
  expect(parsed.ok).toBe(false)
  if (!parsed.ok) expect(parsed.error).toContain(name)
})

test('S8 never repeats a secret in an error', () => {
  const parsed = parseEnvironment({ ANTHROPIC_API_KEY: 'sk-secret', BATON_PORT: 'x' })
  expect(JSON.stringify(parsed)).not.toContain('sk-secret')
})

test('X3 A5 says which variables change nothing; the secret of incoming webhooks is not one', () => {
  expect(withoutUse({ WEBHOOK_SECRET: 'a long enough secret', SMTP_SERVER: 'mail.example' })).toEqual(['SMTP_SERVER'])
})
