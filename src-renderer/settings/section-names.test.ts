import { expect, test } from 'vitest'
import { sectionNames } from './section-names.ts'

test('U7 a browser has no section of the desktop, a window none of an account', () => {
  expect(sectionNames('http', true)).not.toContain('desktop')
  expect(sectionNames('http', true)).toEqual(expect.arrayContaining(['account', 'webhooks']))
  expect(sectionNames('port', true)).not.toContain('account')
  expect(sectionNames('port', true)).toContain('desktop')
})

test('S1 who is no admin has the sections that are their own', () => {
  expect(sectionNames('http', false)).toEqual(['look', 'account'])
})
