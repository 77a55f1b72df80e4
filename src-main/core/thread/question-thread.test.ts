import { expect, onTestFinished, test } from 'vitest'
import { createQuestionThread } from './question-thread.ts'

type Add = { add: { given: unknown; answer: unknown } }

const ADD = `
const { parentPort } = require('node:worker_threads')
parentPort.on('message', ({ id, given }) => {
  if (given === 'end') process.exit(0)
  parentPort.postMessage({ id, ok: true, answer: given + 1 })
})
`

function threadOf(text: string, workerData: unknown = null) {
  const thread = createQuestionThread<Add>({ text }, workerData, 16)
  onTestFinished(() => thread.close())
  return (given: unknown) => thread.ask('add', given)
}

const BROKEN = { ok: false, error: { kind: 'broken' } }
const uncloneable = (): void => undefined

test('K1 a thread that cannot be started refuses all that it is asked, and is started by the next question', async () => {
  const given: { what: unknown } = { what: uncloneable }
  const ask = threadOf(ADD, given)
  expect(await Promise.all([ask(1), ask(2), ask(3)])).toMatchObject([BROKEN, BROKEN, BROKEN])
  given.what = 'plain'
  expect(await ask(4)).toEqual({ ok: true, value: 5 })
})

test('K1 a question that cannot be sent is refused, and the one behind it answered', async () => {
  const ask = threadOf(ADD)
  expect(await Promise.all([ask(1), ask(uncloneable), ask(2)])).toMatchObject([{ value: 2 }, BROKEN, { value: 3 }])
})

test('K1 a thread that ends at once, or in the middle, refuses the question and answers the next', async () => {
  const ask = threadOf(ADD)
  expect(await Promise.all([ask('end'), ask(1)])).toMatchObject([BROKEN, { value: 2 }])
  const never = threadOf('process.exit(0)')
  expect(await Promise.all([never(1), never(2)])).toMatchObject([BROKEN, BROKEN])
  expect(await threadOf('throw new Error("no")')(1)).toMatchObject({ error: { kind: 'broken', message: 'no' } })
})
