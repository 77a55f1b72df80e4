import { expect, test } from 'vitest'
import { EVENT_DATA } from '#contract/event.ts'
import { eventData, eventText } from './event-text.ts'

test('D2 what an event says as usual is not stored, and is read again', () => {
  const usual = { state: 'running', waiting_on: null, reason: '' }
  expect(eventText('task.state', usual)).toBe('{"state":"running"}')
  expect(EVENT_DATA['task.state'].parse(eventData('task.state', eventText('task.state', usual)))).toEqual(usual)
  const told = { state: 'waiting', waiting_on: 'budget', reason: 'Spent.' }
  expect(eventData('task.state', eventText('task.state', told))).toEqual(told)
})

test('D2 rows of older versions hold all fields, and are read the same', () => {
  const data = { state: 'failed', reason: '', profile: 'demo' }
  expect(eventData('run.state', JSON.stringify(data))).toEqual(data)
  expect(eventData('task.created', '{"key":"a","title":"A"}')).toEqual({ key: 'a', title: 'A' })
})
