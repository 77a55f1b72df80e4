import { expect, test } from 'vitest'
import { stepSubject } from './step-subject.ts'

test('U1 a tool call is named with what it was about', () => {
  expect(stepSubject({ kind: 'tool', input: { content: '# Robin', path: 'birds/robin.md' } })).toBe('birds/robin.md')
  expect(stepSubject({ kind: 'tool', input: { limit: 3, query: 'owls\nand robins' } })).toBe('owls')
})

test('U1 a model call, and a tool call without text, are named by themselves', () => {
  expect(stepSubject({ kind: 'model', input: { path: 'x' } })).toBe('')
  for (const input of [null, 'text', [], { depth: 2 }, { path: '' }])
    expect(stepSubject({ kind: 'tool', input })).toBe('')
})
