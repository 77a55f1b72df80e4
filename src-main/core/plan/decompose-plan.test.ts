import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PlanDocument, planDocument } from '#contract/plan.ts'
import { task as taskTable } from '../store/schema.ts'
import { storeBench } from '../store/store-bench.ts'
import { createDecompose } from './decompose-plan.ts'

function document(dependencies: readonly (readonly number[])[]): PlanDocument {
  const tasks = dependencies.map((needs, index) => ({
    key: `t${index}`,
    title: `Task ${index}`,
    type: 'writing',
    complexity: 'simple',
    depends_on: needs.map((need) => `t${need}`),
  }))
  return planDocument.parse({ title: 'A plan', tasks })
}

interface Edge {
  task: string
  needs: string
}

function decomposeBench() {
  const bench = storeBench()
  const { store, events, project, plan } = bench
  const decompose = createDecompose(store, events)
  const edges = store.sqlite.prepare<[number], Edge>(
    `SELECT t.key AS task, d.key AS needs FROM task_dependency e JOIN task t ON t.id = e.task_id
       JOIN task d ON d.id = e.depends_on_id WHERE t.project_id = ?`,
  )
  return {
    ...bench,
    edges: (projectId: number) => edges.all(projectId).map((edge) => `${edge.task}>${edge.needs}`),
    carve(given: PlanDocument, projectId = project(), planId = plan(projectId)) {
      return store.write((tx) => decompose(tx, { id: planId, document: given }, { id: projectId, priority: 4 }))
    },
  }
}

const graph = fc
  .array(fc.array(fc.nat(30), { maxLength: 5 }), { minLength: 1, maxLength: 30 })
  .map((tasks) => tasks.map((needs, index) => needs.filter((need) => need !== index && need < tasks.length)))

test('P6 makes one row per task and one edge per dependency, and names those that can start', async () => {
  await fc.assert(
    fc.asyncProperty(graph, async (dependencies) => {
      const { store, carve, edges, project } = decomposeBench()
      project()
      const id = project()
      const ready = await carve(document(dependencies), id)
      const rows = store.orm.select().from(taskTable).all()
      expect(rows.map((row) => row.key)).toEqual(dependencies.map((_, index) => `t${index}`))
      const wanted = dependencies.flatMap((needs, index) => [...new Set(needs)].map((need) => `t${index}>t${need}`))
      expect(edges(id).toSorted()).toEqual(wanted.toSorted())
      for (const [index, row] of rows.entries()) {
        const unmet = new Set(dependencies[index]).size
        expect(row).toMatchObject({
          position: index,
          priority: 4,
          project_id: id,
          unmet_dependencies: unmet,
          state: unmet === 0 ? 'ready' : 'pending',
        })
      }
      const free = rows.filter((row) => row.state === 'ready').map((row) => row.id)
      expect(ready.map((row) => row.id)).toEqual(free)
    }),
    { numRuns: 20, endOnFailure: true },
  )
})

test('P6 keeps every field of a task, whatever characters it has', async () => {
  const { store, events, carve } = decomposeBench()
  const [task] = document([[]]).tasks
  const strange = `"it's" \\ 🦉 \n\t{"a":1} \u0001`
  const given = {
    ...task,
    title: strange.trim(),
    description: strange,
    type: 'code',
    complexity: 'complex',
    tier: 'fast',
    tools: ['read_file', 'write_file'],
    acceptance: [strange, ''],
    verify_command: `echo "${strange}"`,
    write_scope: ['a/b'],
    hosts: ['example.com'],
    artifacts: ['ä/ö.md'],
  }
  await carve(planDocument.parse({ title: 'A plan', tasks: [given] }))
  const {
    key,
    title,
    description,
    type,
    complexity,
    tier,
    tools,
    acceptance,
    verify_command,
    write_scope,
    hosts,
    artifacts,
  } = given
  expect(store.orm.select().from(taskTable).get()).toMatchObject({
    ...{
      key,
      title,
      description,
      type,
      complexity,
      tier,
      tools,
      acceptance,
      verify_command,
      write_scope,
      hosts,
      artifacts,
    },
    ...{ waiting_on: null, held: false, attempts: 0, run_id: null, carry_run_id: null },
  })
  expect(events.list({ after: 0, type: 'task.created', limit: 2 }).map((event) => event.data)).toEqual([{ key, title }])
})

test('P6 leaves nothing of a plan that names a dependency it does not have', async () => {
  const { store, events, carve } = decomposeBench()
  const broken = document([[], [0]])
  broken.tasks[1]?.depends_on.push('gone')
  await expect(carve(broken)).rejects.toThrow(/dependencies that it does not have/)
  for (const table of ['task', 'task_dependency', 'event']) {
    expect([table, store.sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get()]).toEqual([table, 0])
  }
  expect(events.list({ after: 0, limit: 1 })).toEqual([])
})

test('P6 does not mix up tasks of two projects with the same keys', async () => {
  const { carve, edges, project } = decomposeBench()
  const [first, second] = [project(), project()]
  await carve(document([[], [0]]), first)
  await carve(document([[1], []]), second)
  expect(edges(first)).toEqual(['t1>t0'])
  expect(edges(second)).toEqual(['t0>t1'])
})

test('P6 carves the largest plan there may be', async () => {
  const { store, carve, edges, project } = decomposeBench()
  const id = project()
  const all = Array.from({ length: 1_000 }, (_, index) =>
    [index - 1, index - 7, index - 100].filter((need) => need >= 0),
  )
  const ready = await carve(document(all), id)
  expect(ready).toHaveLength(1)
  expect(edges(id)).toHaveLength(all.flat().length)
  expect(store.sqlite.prepare('SELECT count(*) FROM task').pluck().get()).toBe(1_000)
})
