import { ORPCError } from '@orpc/server'
import { expect, test } from 'vitest'
import { concealBug } from './conceal-bug.ts'

function logOf(lines: unknown[]) {
  const add = (message: string, fields?: object) => void lines.push({ message, ...fields })
  return { info: add, warn: add, error: add }
}

test("A3 a bug's own text stays in the log, under the id that the window is told", () => {
  const lines: unknown[] = []
  const shown = concealBug(new Error('SQLITE_CORRUPT at /home/me/secret'), logOf(lines))
  if (!(shown instanceof ORPCError)) throw new Error('no error of the contract')
  const { correlation_id } = shown.data as { correlation_id: string }
  expect(shown.code).toBe('INTERNAL')
  expect(shown.message).toContain(correlation_id)
  expect(JSON.stringify(shown.toJSON())).not.toContain('secret')
  expect(lines).toEqual([expect.objectContaining({ correlation_id, error: expect.stringContaining('SQLITE_CORRUPT') })])
})

test.each(['NOT_FOUND', 'CONFLICT', 'BAD_REQUEST'])('A3 a refusal (%s) is passed on as it is', (code) => {
  const lines: unknown[] = []
  const refusal = new ORPCError(code, { message: 'There is no such project.' })
  expect(concealBug(refusal, logOf(lines))).toBe(refusal)
  expect(lines).toEqual([])
})
