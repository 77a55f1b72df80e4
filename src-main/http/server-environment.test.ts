import { expect, test } from 'vitest'
import { serverEnvironment } from './server-environment.ts'

test('H4 S8 a server that Baton starts gets the environment without its secrets', () => {
  const given = { PATH: '/bin', HOME: '/home/me', CUDA_VISIBLE_DEVICES: '1', OLLAMA_HOST: '127.0.0.1:11435', LANG: 'C' }
  const secret = {
    ANTHROPIC_API_KEY: 'a',
    GITHUB_TOKEN: 'b',
    JWT_SECRET: 'c',
    DB_PASSWORD: 'd',
    BATON_DATA_DIR: '/data',
    aws_session_token: 'e',
  }
  expect(serverEnvironment({ ...given, ...secret, EMPTY: undefined })).toEqual(given)
})
