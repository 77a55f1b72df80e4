import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { cleanup } from '../support/cleanup.ts'
import { eventually } from '../support/eventually.ts'
import { everyCall } from './every-call.ts'
import { type ServedCore, serveCore } from './served-core.ts'

/** Tables with a row or more for each task, run or change that there ever was. */
const GROWING = [
  'approval',
  'chain_link',
  'checkpoint',
  'event',
  'file_change',
  'imported_usage',
  'job',
  'past_task',
  'reservation',
  'run',
  'run_context',
  'step',
  'task',
  'task_dependency',
  'usage_log',
]

/** What goes through a whole table on purpose. */
const ALLOWED: readonly RegExp[] = [
  // The newest event ends the walk, or the newest that was not imported, once at a start.
  /SELECT ts FROM event ORDER BY seq DESC LIMIT 1/,
  /SELECT e\.ts FROM event e LEFT JOIN project p .* ORDER BY e\.seq DESC LIMIT 1/s,
  // Looked for are rows that name the new one before it is there; SQLite skips that where no such row is owed.
  /^insert into "(project|plan)" .* returning /s,
  // A project goes with its runs, of which most have no index by project: once, when a person says so.
  /^delete from "project"/,
  // Nothing is asked for.
  / where \(false and /,
  // Sums of all calls are made in a thread of their own (usage-view.ts).
  /FROM usage_log u LEFT JOIN project p ON p\.id = u\.project_id LEFT JOIN task t/,
  // Chains are held against their rows when somebody asks for that, or a backup is made.
  /SELECT \* FROM (reservation|step|usage_log|audit) ORDER BY id$/,
  /SELECT DISTINCT chain FROM chain_link/,
  /SELECT scope, sum\(CASE WHEN state IN/,
  // Once, where an older Baton kept no chains.
  /^SELECT id FROM (reservation|step|usage_log|audit) ORDER BY id$/,
]

const planLines = z.array(z.object({ detail: z.string() }))

/** What the types of the library do not know yet. */
type Explaining = Database.Database & { explain(source: string): unknown }

/** What of a statement's plan goes through a whole growing table, or makes an index of one for itself. */
function walks(sqlite: Explaining, sql: string): string[] {
  const names = new Map<string, string>()
  for (const [, table = '', alias] of sql.matchAll(
    /\b(?:FROM|JOIN|UPDATE)\s+"?(\w+)"?(?:\s+(?:AS\s+)?(?!WHERE|JOIN|CROSS|LEFT|ON|SET|ORDER|GROUP|LIMIT|UNION)(\w+))?/gi,
  )) {
    names.set(alias ?? table, table)
    names.set(table, table)
  }
  const partial = new Set(
    sqlite
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'")
      .pluck()
      .all(),
  )
  const plan = planLines.parse(sqlite.explain(`QUERY PLAN ${sql}`)).map(({ detail }) => detail)
  return plan.filter((detail) => {
    const [, how, name = '', index] = /^(SCAN|SEARCH) (\w+)(?: USING .*?INDEX (\w+))?/.exec(detail) ?? []
    if (!GROWING.includes(names.get(name) ?? name)) return false
    return how === 'SCAN' ? index === undefined || !partial.has(index) : detail.includes('AUTOMATIC')
  })
}

/** All that is asked of databases from now on. The library is only watched. */
function watchStatements(): () => string[] {
  const prepare = vi.spyOn(Database.prototype, 'prepare')
  cleanup(async () => prepare.mockRestore())
  return () => [...new Set(prepare.mock.calls.map(([sql]) => sql))].filter((sql) => !/^\s*(EXPLAIN|PRAGMA)/i.test(sql))
}

const made = z.object({ id: z.string() })
const page = z.object({ items: z.array(z.object({ id: z.string(), state: z.string() })) })

async function answered<T>(schema: z.ZodType<T>, answer: Response | Promise<Response>): Promise<T> {
  const text = await (await answer).text()
  return schema.parse(JSON.parse(text))
}

/** A project of the demo model, approved; its work goes on by itself. */
async function approved(served: ServedCore): Promise<string> {
  const { id } = await answered(
    made,
    served.post('/api/projects', { requirements: 'Write about owls.', profile: 'demo' }),
  )
  await served.post(`/api/projects/${id}/plan`, {})
  const plan = await eventually('a plan', async () => {
    const { items } = await answered(page, served.call(`/api/projects/${id}/plans`))
    return items.find(({ state }) => state === 'proposed') ?? false
  })
  const answer = await served.post(`/api/plans/${plan.id}/approve`, { authorise_micros: 1_000_000 })
  expect(answer.status, await answer.clone().text()).toBeLessThan(300)
  return id
}

test('E1 A6 nothing that is asked about a project, task or run goes through all that there ever were', async () => {
  const statements = watchStatements()
  const served = await serveCore()
  cleanup(() => served.close())
  const id = await approved(served)
  await eventually('the end', async () =>
    (await served.call(`/api/projects/${id}`)).text().then((text) => /"state":"succeeded"/.test(text)),
  )
  const [task] = (await answered(page, served.call(`/api/projects/${id}/tasks`))).items
  const [run] = (await answered(page, served.call(`/api/tasks/${task?.id}/runs`))).items
  const [plan] = (await answered(page, served.call(`/api/projects/${id}/plans`))).items
  const other = await approved(served)
  await served.post(`/api/projects/${other}/pause`, {})
  const [open] = (await answered(page, served.call(`/api/projects/${other}/tasks`))).items

  const fill = (path: string, of: { project: string; task?: string | undefined }): string =>
    path
      .replace(/^\/projects\/\{id\}/, `/projects/${of.project}`)
      .replace(/^\/tasks\/\{id\}/, `/tasks/${of.task}`)
      .replace(/^\/runs\/\{id\}/, `/runs/${run?.id}`)
      .replace(/^\/plans\/\{id\}/, `/plans/${plan?.id}`)
      .replaceAll(/\{\w+\}/g, 'x')
  for (const { method, path } of everyCall()) {
    if (method === 'GET') await (await served.call(`/api${fill(path, { project: id, task: task?.id })}`)).text()
  }
  for (const { method, path } of everyCall()) {
    if (method === 'POST' && /^\/(projects|tasks)\/\{id\}/.test(path)) {
      await (await served.post(`/api${fill(path, { project: other, task: open?.id })}`, {})).text()
    }
  }
  const archive = await (await served.call(`/api/projects/${id}/export`)).arrayBuffer()
  const headers = { 'content-type': 'application/octet-stream' }
  const imported = await served.call('/api/projects/import', { method: 'POST', headers, body: archive })
  expect(imported.status, await imported.clone().text()).toBeLessThan(300)
  await served.post(`/api/projects/${other}/cancel`, {})
  await served.call(`/api/projects/${other}`, { method: 'DELETE' })

  const sqlite = new Database(join(served.data_dir, 'baton.db'), { readonly: true }) as Explaining
  cleanup(async () => void sqlite.close())
  const asked = statements()
  expect(asked.length).toBeGreaterThan(200)
  const known = asked.filter((sql) => /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)/i.test(sql) && !sql.includes('sqlite_'))
  const bad = known.flatMap((sql) => {
    if (ALLOWED.some((pattern) => pattern.test(sql))) return []
    const found = walks(sqlite, sql)
    return found.length === 0 ? [] : [`${sql.replace(/\s+/g, ' ')}\n  ${found.join('\n  ')}`]
  })
  expect(bad).toEqual([])
})
