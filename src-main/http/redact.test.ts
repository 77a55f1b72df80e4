import { expect, test } from 'vitest'
import { createRedactor } from './redact.ts'

const { redact } = createRedactor()
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3JfMSIsInNpZCI6M30.c2lnbmF0dXJlLW9mLXRoaXM'

test.each([
  ['a key of Anthropic', { error: '401 {"key":"sk-ant-api03-AbCdEf_123"}' }, 'AbCdEf_123'],
  ['a field of its name', { password: 'correct "horse" battery' }, 'horse'],
  ['a field deeper in', { error: { config: { apiKey: 'plain-value-1' } } }, 'plain-value-1'],
  ['a field with a longer name', { 'x-stream-ticket': 'plain-value-2' }, 'plain-value-2'],
  ['JSON in a text', { error: JSON.stringify({ refresh_token: 'plain-value-3' }) }, 'plain-value-3'],
  [
    'JSON in JSON in a text',
    { error: JSON.stringify({ body: JSON.stringify({ token: 'plain-value-4' }) }) },
    'plain-value-4',
  ],
  ['a header', { error: 'sent: Authorization: Bearer abcdef123456' }, 'abcdef123456'],
  ['a header of Google', { error: 'x-goog-api-key: plainvalue5' }, 'plainvalue5'],
  ['a login in a header', { error: 'basic YWRhOmh1bnRlcjI=' }, 'YWRhOmh1bnRlcjI'],
  ['a ticket in a URL', { url: 'http://127.0.0.1:1/api/events/stream?after=1&token=plain-6_x&x=1' }, 'plain-6_x'],
  ['a key in a URL', { url: 'https://g.example/v1?key=plainvalue7' }, 'plainvalue7'],
  ['a login in a URL', { url: 'smtp://ada:hunter2@mail.example:25' }, 'hunter2'],
  ['a variable', { error: 'env: OPENAI_API_KEY=plainvalue8 PATH=/bin' }, 'plainvalue8'],
  ['an access token', { error: `jwt ${jwt} was refused` }, 'eyJzdWIi'],
  ['a token of ours', { error: `bat_${'x'.repeat(43)}` }, 'xxxx'],
  ['a signature', { error: `t=1732190000,v1=${'0a'.repeat(32)}` }, '0a0a'],
  ['a token of GitHub', { error: `ghp_${'A1'.repeat(18)}` }, 'A1A1'],
  ['a webhook of Slack', { url: 'https://hooks.slack.com/services/T0/B0/plainvalue9' }, 'plainvalue9'],
  [
    'a private key',
    { error: '-----BEGIN RSA PRIVATE KEY-----\nMIIEplain\n-----END RSA PRIVATE KEY-----' },
    'MIIEplain',
  ],
])('M6 S8 takes %s out of a line, which stays JSON', (_what, fields, secret) => {
  const line = redact(JSON.stringify({ message: 'm', ...fields, after: 'still here' }))
  expect(line).not.toContain(secret)
  expect(JSON.parse(line)).toMatchObject({ message: 'm', after: 'still here' })
})

test('M6 a line without secrets stays as it is', () => {
  const line = JSON.stringify({
    message: 'Task tsk_8 asks for write_file, and the key of the map is "keys"',
    input_tokens: 12,
    error: 'The prompt has input_tokens=8192 and the disk-full risk-of-loss stays',
    url: 'http://127.0.0.1:11434/api/tags?after=3-7',
    route: '/api/projects/{id}',
  })
  expect(redact(line)).toBe(line)
})

test('S8 blacks out what it was told, however it is written', () => {
  const redactor = createRedactor()
  redactor.hide('pa"ss/wörd')
  redactor.hide(undefined)
  redactor.hide('')
  redactor.hide('abc')
  const line = redactor.redact(JSON.stringify({ a: 'pa"ss/wörd', b: `x${encodeURIComponent('pa"ss/wörd')}`, c: 'abc' }))
  expect(JSON.parse(line)).toEqual({ a: '[redacted]', b: 'x[redacted]', c: 'abc' })
})

test('M6 a long text is searched in one go: a search that grows with the square would not end in a day', () => {
  const line = JSON.stringify({ a: 'a'.repeat(3_000_000), b: '-'.repeat(3_000_000), c: 'sk'.repeat(3_000_000) })
  expect(redact(line)).toBe(line)
})
