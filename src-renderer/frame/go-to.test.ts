import { expect, test } from 'vitest'
import { shortcutTexts } from '../texts/shortcuts.ts'
import { GO_TO } from './go-to.ts'

test('U5 the list of keys names each key that leads to a page, and no other', () => {
  const told = shortcutTexts.find(({ title }) => title === 'Go to')?.keys.map(({ keys }) => keys)
  expect(told?.toSorted()).toEqual(
    Object.keys(GO_TO)
      .map((key) => `G ${key.toUpperCase()}`)
      .toSorted(),
  )
})
