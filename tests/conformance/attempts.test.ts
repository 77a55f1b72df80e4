import { expect, test } from 'vitest'
import type { Behaviour } from '../doubles/behaviour.ts'
import { anthropicDouble, coreBench, must } from '../support/core-bench.ts'

test('U2 the time axis of a project has every run with its phases, what it waited for and what it cost', async () => {
  const asks: Behaviour = {
    kind: 'answer',
    tool_calls: [{ name: 'ask_user', arguments: { question: 'Which month?' } }],
  }
  const anthropic = await anthropicDouble({ queue: [{ kind: 'refusal' }, asks] })
  const bench = await coreBench({ anthropic })
  const { id } = await bench.start([{ key: 'note', tier: 'fast', tools: ['ask_user', 'write_file'] }])
  await bench.reaches(id, 'failed')
  const task = bench.task(id, 'note').id
  const page = (cursor?: string) => must(bench.core.projects.attempts(id, { limit: 1, cursor }))
  const [failed] = page().items
  expect(failed).toMatchObject({ task_id: task, attempt: 1, state: 'failed', to: expect.any(String), waits: [] })
  expect(failed?.phases.every(({ to }) => to !== null)).toBe(true)

  must(await bench.core.tasks.retry(task, 'start'))
  await bench.taskReaches(id, 'note', 'waiting')
  const [question] = bench.core.approvals.list('open')
  const cursor = page().next_cursor ?? ''
  const [waiting] = page(cursor).items
  expect(waiting).toMatchObject({ attempt: 2, state: 'waiting', to: null, waits: [{ to: null }] })

  must(await bench.core.approvals.decide({ id: question?.id ?? '', decision: 'allow', remember: 'once', note: 'May' }))
  await bench.reaches(id, 'succeeded')
  const { items, next_cursor } = page(cursor)
  expect(next_cursor).toBeNull()
  const [done] = items
  if (done === undefined) throw new Error('The second attempt is gone.')
  const run = must(bench.core.runs.get(done.run_id))
  expect(done).toMatchObject({ state: 'succeeded', profile: run.profile, paid: true, cost_micros: run.cost_micros })
  expect([done.from, done.to]).toEqual([run.started_at, run.ended_at])
  expect(done.waits).toEqual([
    { from: waiting?.waits[0]?.from, to: expect.any(String), reason: waiting?.waits[0]?.reason },
  ])
  expect(done.phases.map(({ name }) => name)).toEqual(expect.arrayContaining(['intent', 'tool_exec', 'responder']))
  for (const { from, to } of [...done.phases, ...done.waits]) expect(to !== null && to >= from).toBe(true)
})
