import { expect, it } from 'vitest'
import { createForbiddenNames } from './forbidden-names.ts'

const forbidden = createForbiddenNames(['*.sqlite', 'café*', '.ENV.example2'])

it.each([
  '.git',
  '.GIT',
  '.Git',
  '.g\u200cit',
  '.ｇｉｔ',
  'GIT~1',
  '.env',
  '.Env',
  '.ENV.local',
  '.env.',
  'server.KEY',
  '.key',
  'a.pem',
  'x.secret',
  'credentials',
  'Credentials.JSON',
  'credentials.yaml',
  'credentials.yml',
  'credentials.ini',
  'credentials.toml',
  'id_rsa',
  'ID_RSA.pub',
  'id_ed25519',
  'id_ecdsa.pub',
  'id_dsa',
  '.npmrc',
  '.netrc',
  '.vscode',
  '.mcp.json',
  '.mcp.jſon',
  '.netrc\u00ad',
])('T3 forbids %j', (name) => {
  expect(forbidden(name)).not.toBeNull()
})

it.each([
  '.env.example',
  '.ENV.example',
  '.gitignore',
  '.github',
  'git',
  'env',
  'key',
  'keys.ts',
  'a.key.ts',
  'pem',
  'credentials.ts',
  'my-credentials',
  'id_rsa.txt',
  'mcp.json',
  'environment',
  '.envrc',
])('T3 allows %j', (name) => {
  expect(forbidden(name)).toBeNull()
})

it('T3 forbids by patterns of the project, in every normal form and case', () => {
  expect(forbidden('data.SQLITE')).toBe('*.sqlite')
  expect(forbidden('cafe\u0301 menu')).toBe('café*')
  expect(forbidden('CAF\u00c9')).toBe('café*')
  expect(forbidden('.env.example2')).not.toBeNull()
})

it('T3 lets a project forbid what is otherwise excepted', () => {
  expect(createForbiddenNames(['.env.example'])('.env.example')).toBe('.env.example')
})

it('T3 matches several wildcards without overlap', () => {
  const names = createForbiddenNames(['a*b*ba'])
  expect(names('aba')).toBeNull()
  expect(names('abba')).not.toBeNull()
  expect(names('a1b2ba')).not.toBeNull()
  expect(createForbiddenNames([`${'*a'.repeat(100)}b`])('a'.repeat(255))).toBeNull()
})
