import { expect, test } from 'vitest'
import { checkPlan, problemsForModel } from './check-plan.ts'

const known = { tools: ['write_file'] }
const base = { title: 'Plan', tasks: [] as unknown[] }

function task(key: string, change: Record<string, unknown> = {}) {
  return { key, title: key, type: 'writing', complexity: 'simple', ...change }
}

function messages(...tasks: unknown[]): string {
  return checkPlan({ ...base, tasks }, known)
    .problems.map(({ task: key, field, message }) => `${key}/${field}: ${message}`)
    .join('\n')
}

test('P5 takes a good document and fills in what may be left out', () => {
  const checked = checkPlan(
    { ...base, tasks: [task('a'), task('b', { depends_on: ['a'], tools: ['write_file'] })] },
    known,
  )
  expect(checked.problems).toEqual([])
  expect(checked.document?.tasks[0]).toMatchObject({ description: '', tier: null, artifacts: [] })
})

test('P5 names the task and the field of what has a wrong shape', () => {
  expect(messages(task('a', { type: 'dance' }))).toMatch(/^a\/type: Task 1: /)
  expect(messages(task('a', { surprise: 1 }))).toMatch(/surprise/)
  expect(checkPlan(null, known)).toMatchObject({ document: null })
  expect(checkPlan({ ...base, tasks: [null] }, known).problems).toHaveLength(1)
})

test.each([
  ['equal keys', [task('a'), task('a')], /2 tasks have the key/],
  ['an unknown dependency', [task('a', { depends_on: ['b'] })], /no task with the key "b"/],
  ['a dependency on itself', [task('a', { depends_on: ['a'] })], /on itself/],
  ['a repeated dependency', [task('a'), task('b', { depends_on: ['a', 'a'] })], /named twice/],
  ['an unknown tool', [task('a', { tools: ['fly'] })], /no tool called "fly".*write_file/],
  ['a path that leaves the workspace', [task('a', { artifacts: ['../x'] })], /contains ".."/],
  ['an absolute path', [task('a', { write_scope: ['/tmp'] })], /not relative/],
  ['a cycle', [task('a', { depends_on: ['b'] }), task('b', { depends_on: ['a'] })], /a → b → a/],
])('P6 refuses %s', (_, tasks, reason) => {
  expect(messages(...tasks)).toMatch(reason)
})

test('P6 tells a dependency on itself once, not also as a cycle', () => {
  expect(messages(task('a', { depends_on: ['a'] })).split('\n')).toHaveLength(1)
})

test('P3 tells the model every kind of problem in a bounded text', () => {
  const problems = Array.from({ length: 500 }, (_, index) => ({ task: `k${index}`, field: 'type', message: 'Wrong.' }))
  const text = problemsForModel(problems)
  expect(text).toContain('- task "k0", type: Wrong.')
  expect(text).toContain('and 460 more')
  expect(text.length).toBeLessThan(3_000)
})
