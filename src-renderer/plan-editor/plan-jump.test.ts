import { expect, it } from 'vitest'
import { jump } from './plan-jump.ts'

const tasks = ['t1', 't2', 'owl', 't20', 'page-03'].map((key) => ({ key }))

it('P5 U5 digits lead to the task whose key ends in them, else to that place, and begin anew where they lead nowhere', () => {
  expect(jump(tasks, '', '2')).toEqual({ digits: '2', key: 't2' })
  expect(jump(tasks, '2', '0')).toEqual({ digits: '20', key: 't20' })
  expect(jump(tasks, '20', '1')).toEqual({ digits: '1', key: 't1' })
  expect(jump(tasks, '', '3').key).toBe('page-03')
  expect(jump(tasks, '', '4').key).toBe('t20')
  expect(jump(tasks, '', '9')).toEqual({ digits: '9', key: null })
})
