import { expect, test } from 'vitest'
import { coreBench } from '../support/core-bench.ts'

test('L2 two tasks that may write the same file never run together, and the second says who it waits for', async () => {
  const { core, start, reaches } = await coreBench({ demo: true })
  const project = await start(
    [
      { key: 'a', title: 'First hand', artifacts: ['same.md'] },
      { key: 'b', title: 'Second hand', artifacts: ['same.md'] },
      { key: 'c', title: 'Elsewhere', artifacts: ['other.md'] },
    ],
    { profile: 'demo' },
  )
  await reaches(project.id, 'succeeded')
  const events = core.events.list({ project_id: project.id, type: 'task.state' }, 500).items
  const running = new Set<string>()
  const writers = core.projects.tasks(project.id, { limit: 10 })
  if (!writers.ok) throw new Error('no tasks')
  const same = new Set(writers.value.items.filter((task) => task.artifacts.includes('same.md')).map((task) => task.id))
  let waited = ''
  for (const event of events) {
    if (event.type !== 'task.state' || event.task_id === null || !same.has(event.task_id)) continue
    if (event.data.state === 'running') running.add(event.task_id)
    else running.delete(event.task_id)
    if (event.data.waiting_on === 'lock') waited = event.data.reason
    expect(running.size).toBeLessThanOrEqual(1)
  }
  expect(waited).toMatch(/^Waits for "(First|Second) hand", which may write same\.md and runs since \d{4}-/)
})

test('L2 many tasks that want the same folder take turns, and each is told to wait only once', async () => {
  const { core, start, reaches } = await coreBench({ demo: true })
  const keys = ['a', 'b', 'c', 'd', 'e']
  const project = await start(
    keys.map((key) => ({ key, title: `Task ${key}`, artifacts: [`notes/${key}.md`], write_scope: ['notes/'] })),
    { profile: 'demo' },
  )
  await reaches(project.id, 'succeeded')
  const states = core.events
    .list({ project_id: project.id, type: 'task.state' }, 500)
    .items.flatMap((event) => (event.type === 'task.state' ? [event.data.state] : []))
  const count = (state: string): number => states.filter((each) => each === state).length
  expect({ running: count('running'), waiting: count('waiting') }).toEqual({ running: 5, waiting: 4 })
})
