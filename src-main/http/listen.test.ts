import { expect, onTestFinished, test } from 'vitest'
import { listen } from './listen.ts'

test('A3 answers in the one shape where the app cannot be loaded, such as when its file is gone', async () => {
  const listener = await listen({ load: () => Promise.reject(new Error('the file is gone')) }, { port: 0 })
  if (!listener.ok) throw new Error(listener.error)
  onTestFinished(() => listener.value.close())
  const answer = await fetch(`http://127.0.0.1:${listener.value.port}/`)
  expect(answer.status).toBe(500)
  const body = await answer.json()
  expect(body).toEqual({ error: { code: 'INTERNAL', message: expect.any(String), correlation_id: expect.any(String) } })
})
