import { z } from 'zod'
import { ask, idOf } from './ask.ts'
import { asPaced, type Load, type Paced, perSecond } from './figures.ts'
import type { Served } from './processes.ts'
import type { Report } from './report.ts'

const TASKS = 400
const counted = z.object({ task_counts: z.object({ succeeded: z.number() }) })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A project of many tasks that do not wait for each other, for the demo model; approved, so that it begins. */
async function busyProject(baton: Served): Promise<string> {
  const id = idOf(await ask(baton, 'POST', '/api/projects', { requirements: 'Many notes', profile: 'demo' }))
  const tasks = Array.from({ length: TASKS }, (_, index) => ({
    ...{
      key: `t${index}`,
      title: `Note ${index}`,
      description: 'Write a note.',
      type: 'writing',
      complexity: 'simple',
    },
    ...{ tier: 'local', tools: ['write_file'], depends_on: [], acceptance: ['There is a note.'] },
    ...{ verify_command: null, write_scope: [`n${index}.md`], artifacts: [`n${index}.md`] },
  }))
  const plan = idOf(
    await ask(baton, 'POST', `/api/projects/${id}/plans`, {
      document: { title: 'Many notes', summary: '', tasks },
      source: 'file',
    }),
  )
  await ask(baton, 'POST', `/api/plans/${plan}/approve`, {})
  return id
}

/** Reading while the executor has all that it can do: neither may hold up the other. */
export async function measureBusy(bench: { baton: Served; load: Load; report: Report }): Promise<void> {
  const { baton, load, report } = bench
  const done = async (id: string) => counted.parse(await ask(baton, 'GET', `/api/projects/${id}`)).task_counts.succeeded

  async function rateOf(id: string, meanwhile: () => Promise<void>): Promise<number> {
    while ((await done(id)) < 10) await pause(100)
    const from = await done(id)
    const began = performance.now()
    await meanwhile()
    const rate = ((await done(id)) - from) / ((performance.now() - began) / 1_000)
    if ((await done(id)) >= TASKS) throw new Error(`All ${TASKS} tasks were done before the measurement was.`)
    await ask(baton, 'POST', `/api/projects/${id}/cancel`, {})
    return rate
  }
  const alone = await rateOf(await busyProject(baton), () => pause(6_000).then(() => undefined))
  const id = await busyProject(baton)
  let got: Paced | undefined
  const beside = await rateOf(id, async () => {
    got = await load.at(baton, { path: `/api/projects/${id}` }, 1_000)
  })
  report.add({
    what: 'GET at 1000/s while the executor has all it can do',
    ...{
      figure: got === undefined ? 'none' : asPaced(got),
      target: 'p95 <= 5 ms',
      // What failed or was not sent has no time.
      isMet: got !== undefined && got.failures === 0 && got.per_second >= 950 && got.p95_ms <= 5,
    },
  })
  report.add({
    what: 'tasks of the executor beside that',
    ...{ figure: perSecond(beside), ceiling: `${perSecond(alone)} alone`, ratio: beside / alone },
    ...{ target: '>= 0.85', isMet: beside >= 0.85 * alone },
  })
}
