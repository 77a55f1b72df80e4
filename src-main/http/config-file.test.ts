import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { settings } from '#contract/settings.ts'
import { parseConfigFile } from './config-file.ts'
import { configJsonSchema } from './config-schema.ts'

const published = join(import.meta.dirname, '..', '..', 'resources', 'config.schema.json')
const FULL = `
port: 0
cors_origins: [https://a.example]
ollama_host: gpu-box:11434
log: { level: warn, folder: /var/log/baton, kept_days: 7, day_bytes: 1000000 }
budget:
  daily_micros: 2000000
  monthly_micros: null
settings:
  max_concurrent: 2
  rate_limits: { plans: 2 }
  expiries: { access_s: 1800 }
  routes: [{ type: code, complexity: null, tier: strong }]
`

function read(text: string, env: Record<string, string> = {}) {
  return parseConfigFile(text, '/data/config.yaml', (name) => env[name])
}
function refusal(text: string, env: Record<string, string> = {}): string {
  const parsed = read(text, env)
  if (parsed.ok) throw new Error('it was taken')
  return parsed.error
}

test('X3 the file sets everything that Settings has, and what belongs to a host; absent keys stay absent', () => {
  const parsed = read(FULL)
  expect(parsed).toMatchObject({
    ok: true,
    value: {
      port: 0,
      log: { level: 'warn', kept_days: 7, file_bytes: 20_000_000 },
      budget: { daily_micros: 2_000_000, monthly_micros: null },
      settings: { max_concurrent: 2, rate_limits: { plans: 2, changes: 60 }, expiries: { access_s: 1_800 } },
    },
  })
  if (!parsed.ok) return
  expect(parsed.value.settings).not.toHaveProperty('max_repairs')
  expect(parsed.value.budget).not.toHaveProperty('project_micros')
  expect(read('')).toMatchObject({ ok: true })
})

test('X3 the published JSON Schema is current, knows each setting, and agrees about files', () => {
  const schema = JSON.parse(readFileSync(published, 'utf8')) as { properties: { settings: { properties: object } } }
  // Made anew by: node scripts/config-schema.ts && biome check --write resources
  expect(schema).toEqual(JSON.parse(JSON.stringify(configJsonSchema())))
  expect(Object.keys(schema.properties.settings.properties)).toEqual(Object.keys(settings.shape))
  const agrees = new Ajv2020({ strict: false, formats: { uri: true } }).compile(schema)
  expect([agrees(parse(FULL)), agrees.errors]).toEqual([true, null])
  expect(agrees(parse('settings: { max_concurent: 2 }'))).toBe(false)
  expect(agrees(parse('port: 70000'))).toBe(false)
})

test.each([
  ['a wrong value', 'port: 1\nlog:\n  kept_days: soon\n', /line 3: log\.kept_days: .*expected number/],
  ['a value out of range', 'settings:\n  max_concurrent: 8\n  max_retries: 99\n', /line 3: settings\.max_retries: /],
  [
    'an unknown key',
    'port: 1\nsettings:\n  max_concurent: 2\n',
    /line 3: settings\.max_concurent: there is no such key/,
  ],
  ['an unknown key at the top', 'prot: 1\n', /line 1: prot: there is no such key/],
  [
    'a key that is no key of the file',
    'port: 1\nanthropic_api_key: sk-secret\n',
    /line 2: anthropic_api_key: there is no/,
  ],
  [
    'a wrong item of a list',
    'cors_origins:\n  - https://a.example\n  - nonsense\n',
    /line 3: cors_origins\.1: must be an/,
  ],
  ['a wrong value deep in', 'settings:\n  rate_limits:\n    reads: 0\n', /line 3: settings\.rate_limits\.reads: /],
  [
    'a variable that is not set',
    `port: 1\nollama_host: \${NOBODY_SET_IT}\n`,
    /line 2: the variable NOBODY_SET_IT is not set/,
  ],
  ['a key that is there twice', 'port: 1\nport: 2\n', /line 2: this is no YAML \(DUPLICATE_KEY\)/],
  ['what is no YAML', 'log: {level: info\nport: sk-secret\n', /line \d: this is no YAML/],
  ['what is no mapping', '- port\n', /the whole: .*expected object/],
])('X3 %s is an error that names key and line, and repeats no value', (_what, text, why) => {
  expect(refusal(text)).toMatch(why)
  expect(refusal(text)).toMatch(
    /^The configuration file \/data\/config\.yaml has .* Correct it and start Baton again\.$/,
  )
  expect(refusal(text)).not.toContain('sk-secret')
})

test('X3 names every fault at once', () => {
  expect(refusal('port: x\nlog: { level: loud }\nnonsense: 1\n')).toMatch(/port: .*; .*log\.level: .*; .*nonsense: /)
})

test(`X3 \${VAR} stands for a variable: a number where it is one, a text in quotes, and never more than one value`, () => {
  const env = { PORT: '8123', HOST: 'box', NUMBER: '17', TRICK: 'a\nport: 1', SETTING: 'true' }
  const text = [
    `port: \${PORT}`,
    `ollama_host: "\${HOST}:11434"`,
    `comfyui_url: '\${NUMBER}'`,
    `anthropic_base_url: http://\${HOST}/\${NUMBER}`,
    `log: { folder: "$\${HOST}" }`,
    'settings:',
    `  local_only: \${SETTING}`,
    `  allowed_commands: ["\${TRICK}"]`,
  ].join('\n')
  expect(read(text, env)).toMatchObject({
    ok: true,
    value: {
      port: 8123,
      ollama_host: 'box:11434',
      comfyui_url: '17',
      anthropic_base_url: 'http://box/17',
      log: { folder: `\${HOST}` },
      settings: { local_only: true, allowed_commands: ['a\nport: 1'] },
    },
  })
})
