import { ORPCError } from '@orpc/client'
import { expect, test } from 'vitest'
import { faultText, toFault } from './fault.ts'

test('U6 says what was refused, why, and under which id', () => {
  const refused = new ORPCError('CONFLICT', {
    status: 409,
    message: 'The plan is approved already. Reload to see it.',
    data: { correlation_id: 'c-1' },
  })
  expect(toFault(refused)).toMatchObject({ why: refused.message, correlation_id: 'c-1', may_heal: false })
  expect(faultText(refused)).toContain('cannot be done now')
})

test.each([new TypeError('Failed to fetch'), new ORPCError('BAD_GATEWAY', { status: 502 })])(
  'U7 tells that Baton does not answer, and that trying again can help: %s',
  (error) => {
    expect(toFault(error).what).toBe('Baton does not answer.')
    expect(toFault(error).may_heal).toBe(true)
  },
)
