import type { IncomingHttpHeaders } from 'node:http'
import { expect, test } from 'vitest'
import { plainRequest } from './plain-request.ts'

const HOST = { host: '127.0.0.1:4000' }

function plain(method: string, url: string, headers: IncomingHttpHeaders = {}, alsoHost: string[] = []) {
  const all = { ...HOST, ...headers }
  const rawHeaders = Object.entries(all).flatMap(([name, value]) => [name, String(value)])
  return plainRequest({ method, url, headers: all, rawHeaders: [...rawHeaders, ...alsoHost] })
}

test.each([
  ['GET', '/api/projects/prj_1', {}],
  ['GET', '/api/projects?limit=1&cursor=prj_1', { authorization: 'Bearer x' }],
  ['GET', '/jobs', { origin: 'http://127.0.0.1:4000' }],
  ['POST', '/dispatch', { 'content-type': 'application/json', 'content-length': '12' }],
  ['PUT', '/jobs/job_1/status', { 'content-type': 'application/json; charset=utf-8', 'content-length': '64000000' }],
  ['PATCH', '/api/projects/prj_1', { 'content-length': '2' }],
  ['DELETE', '/api/projects/prj_1', {}],
])('S4 A6 a plain request goes the short way: %s %s %j', (method, url, headers) => {
  expect(plain(method, url, headers)).not.toBeNull()
})

test.each([
  // Another spelling, or none that we know.
  ...['/', '/api', '/api/', '/api//projects', '/api/projects/', '/api/./projects', '/api/projects/%70rj_1'],
  ...['/api/projects#a', '/api/projects?a#b', '/api/projects?ä', 'http://127.0.0.1:4000/api/projects', '//evil/api'],
  ...['/projects/prj_1', '/tasks/tsk_1', '/jobsx', '/metrics', '/ws', '*'],
])('S4 A6 a path that is not plain goes through the app: %s', (url) => {
  expect(plain('GET', url)).toBeNull()
})

test.each<[string, IncomingHttpHeaders]>([
  ['GET', { host: 'evil.example' }],
  ['GET', { host: '' }],
  ['GET', { origin: 'null' }],
  ['GET', { origin: 'http://evil.example' }],
  ['GET', { origin: 'http://127.0.0.1:4001' }],
  ['GET', { upgrade: 'websocket' }],
  ['GET', { 'content-length': '1' }],
  ['HEAD', {}],
  ['OPTIONS', {}],
  ['TRACE', {}],
  ['POST', { 'content-length': '64000001' }],
  ['POST', { 'content-length': '-1' }],
  ['POST', { 'content-length': '0x10' }],
  ['POST', { 'transfer-encoding': 'chunked' }],
  ['POST', { 'content-length': '2', 'content-type': 'text/plain' }],
  ['POST', { 'content-length': '2', 'content-disposition': 'attachment' }],
  ['POST', { 'content-length': '2', 'idempotency-key': 'a' }],
])('S4 A6 what may have to be refused goes through the app: %s %j', (method, headers) => {
  expect(plain(method, '/api/projects', headers)).toBeNull()
})

test('S4 A6 two Hosts go through the app', () => {
  expect(plain('GET', '/api/projects', {}, ['HOST', '127.0.0.1:4000'])).toBeNull()
})

test('A2 S4 at the root only what answers there goes the short way', () => {
  expect(plain('GET', '/tasks/tsk_1/runs')).not.toBeNull()
  expect(plain('DELETE', '/jobs/job_1')).toBeNull()
  expect(plain('PATCH', '/runs/run_1')).toBeNull()
})
