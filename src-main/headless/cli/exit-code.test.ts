import { ORPCError } from '@orpc/client'
import { expect, test } from 'vitest'
import { EXIT, exitCodeOf, worstOf } from './exit-code.ts'

test('X1 ends with 130 before 3 before 4 before 1', () => {
  expect(worstOf([])).toBe(0)
  expect(worstOf([EXIT.done, EXIT.failed])).toBe(1)
  expect(worstOf([EXIT.failed, EXIT.approval])).toBe(4)
  expect(worstOf([EXIT.approval, EXIT.failed, EXIT.budget])).toBe(3)
  expect(worstOf([EXIT.budget, EXIT.interrupted, EXIT.done])).toBe(130)
})

test('X1 tells a refused budget from wrong words and from failure', () => {
  expect(exitCodeOf(new ORPCError('PAYMENT_REQUIRED'))).toBe(3)
  expect(exitCodeOf(new ORPCError('BAD_REQUEST'))).toBe(2)
  expect(exitCodeOf(new ORPCError('CONFLICT'))).toBe(1)
  expect(exitCodeOf(new Error('gone'))).toBe(1)
})
