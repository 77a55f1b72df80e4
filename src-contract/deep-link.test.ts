import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linkAmong, placeOfLink } from './deep-link.ts'

test.each([
  ['baton://inbox', '/inbox'],
  ['baton://inbox/', '/inbox'],
  ['baton://projects', '/projects'],
  ['baton://settings', '/settings'],
  ['baton://project/prj_1a', '/projects/prj_1a'],
  ['baton://project/prj_1a/plan', '/projects/prj_1a/plan'],
  ['baton://project/prj_1a/task/tsk_2', '/projects/prj_1a/tasks/tsk_2'],
])('U4 the link %s opens %s', (link, place) => {
  expect(placeOfLink(link)).toEqual({ ok: true, value: place })
})

test.each([
  '',
  'baton:',
  'baton://',
  'baton://nowhere',
  'baton:inbox',
  'BATON://inbox',
  ' baton://inbox',
  'baton://inbox\n',
  'baton://inbox#/settings',
  'baton://inbox?token=1',
  'baton://me@inbox',
  'baton://inbox:80',
  'baton://inbox//',
  'baton://inbox/approve',
  'baton://project',
  'baton://project/tsk_1',
  'baton://project/prj_',
  'baton://project/prj_1/approve',
  'baton://project/prj_1/plan/approve',
  'baton://project/prj_1/task',
  'baton://project/prj_1/task/prj_1',
  'baton://project/prj_1/task/tsk_1/retry',
  'baton://project/prj_1%2f..%2fsettings',
  'baton://project/../settings',
  'baton://project/prj_1\u0000',
  'baton://project/рrj_1',
  'https://inbox',
  'javascript:alert(1)',
  `baton://project/prj_${'1'.repeat(100)}`,
])('U4 S9 the hostile link %j is refused', (link) => {
  expect(placeOfLink(link)).toMatchObject({ ok: false, error: expect.stringMatching(/\.$/) })
})

test('U4 S9 whatever a link holds, what comes out is a plain place or a refusal', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 120 }),
    fc
      .array(
        fc.constantFrom('baton://', 'project', 'prj_1', 'tsk_1', '/', '..', '%2f', '#', '?', 'plan', 'task', '\n', '"'),
        {
          maxLength: 12,
        },
      )
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(hostile, (link) => {
      const place = placeOfLink(link)
      if (place.ok)
        expect(place.value).toMatch(/^(\/[a-z]+|\/projects\/prj_[0-9a-z]+(\/plan|\/tasks\/tsk_[0-9a-z]+)?)$/)
    }),
  )
})

test('U4 the link of a start is the argument with the scheme', () => {
  expect(linkAmong(['/opt/baton', '--hidden', 'baton://inbox'])).toBe('baton://inbox')
  expect(linkAmong(['/opt/baton', 'https://example.com/'])).toBeNull()
})
