import { z } from 'zod'
import { ask, idOf } from './ask.ts'
import { perSecond } from './figures.ts'
import { quantile, type Sent, sendPaced } from './paced.ts'
import { type Served, serveBare } from './processes.ts'
import type { Report } from './report.ts'

const TASKS = 1_000
const RATE = 1_000
/** Long beside a task, short beside the moods of a machine. */
const SLICE_S = 2
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

/** The same, once its code is warm and as many tasks run at once as may. */
async function begunProject(baton: Served, done: (id: string) => Promise<number>): Promise<string> {
  const id = await busyProject(baton)
  while ((await done(id)) < 20) await pause(100)
  return id
}

/** Tasks that were done in a while. */
interface Stretch {
  tasks: number
  ms: number
}

/**
 * Reading while the executor has all that it can do: neither may hold up the other. By turns of `SLICE_S`, because what a
 * machine does in a second changes from one to the next: the executor alone, beside readers of its project, and beside the same
 * readers of a bare server. Those ask nothing of Baton: what they cost it is the price of sending on the same machine.
 */
export async function measureBusy(bench: { baton: Served; report: Report; rounds: number }): Promise<void> {
  const { baton, report, rounds } = bench
  const done = async (id: string) => counted.parse(await ask(baton, 'GET', `/api/projects/${id}`)).task_counts.succeeded
  const bare = await serveBare('http')
  const sent: Sent[] = []
  const alone: Stretch = { tasks: 0, ms: 0 }
  const beside: Stretch = { tasks: 0, ms: 0 }
  const besideBare: Stretch = { tasks: 0, ms: 0 }
  const rate = ({ tasks, ms }: Stretch): number => tasks / (ms / 1_000)

  async function stretch(id: string, of: Stretch, meanwhile: () => Promise<unknown>): Promise<void> {
    const from = await done(id)
    const began = performance.now()
    await meanwhile()
    of.tasks += (await done(id)) - from
    of.ms += performance.now() - began
  }
  const read = (of: Served, id: string) => sendPaced(of, { path: `/api/projects/${id}` }, RATE, SLICE_S)
  const turns = [
    (id: string) => stretch(id, alone, () => pause(SLICE_S * 1_000)),
    (id: string) => stretch(id, beside, async () => sent.push(await read(baton, id))),
    (id: string) => stretch(id, besideBare, () => read(bare, id)),
  ]

  try {
    let id = await begunProject(baton, done)
    for (let round = 0; round < rounds; round += 1) {
      // What a round needs, and as much again to be sure of it.
      if ((await done(id)) > TASKS - 2 * turns.length * rate(alone) * SLICE_S) {
        await ask(baton, 'POST', `/api/projects/${id}/cancel`, {})
        id = await begunProject(baton, done)
      }
      for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn(id)
      if ((await done(id)) >= TASKS) throw new Error(`All ${TASKS} tasks were done before the measurement was.`)
    }
    await ask(baton, 'POST', `/api/projects/${id}/cancel`, {})
  } finally {
    await bare.close()
  }

  const latencies = sent.flatMap((some) => some.latencies).toSorted((a, b) => a - b)
  const failures = sent.reduce((sum, some) => sum + some.failures, 0)
  const perSecondRead = latencies.length / (sent.reduce((sum, { wall_ms }) => sum + wall_ms, 0) / 1_000)
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(latencies, share).toFixed(1))
  report.add({
    what: `GET at ${RATE}/s while the executor has all it can do (${perSecond(perSecondRead)} answered, ${failures} failed)`,
    ...{
      figure: `p50 ${p50}, p95 ${p95}, p99 ${p99} ms`,
      target: 'p95 <= 5 ms',
      // What failed or was not sent has no time.
      isMet: failures === 0 && perSecondRead >= 0.95 * RATE && quantile(latencies, 0.95) <= 5,
    },
  })
  report.add({
    what: 'tasks of the executor beside that',
    ...{
      figure: perSecond(rate(beside)),
      ceiling: `${perSecond(rate(alone))} alone`,
      ratio: rate(beside) / rate(alone),
    },
    ...{ target: '>= 0.85', isMet: rate(beside) >= 0.85 * rate(alone) },
  })
  report.add({
    what: 'the same while those readers ask a bare server',
    ...{ figure: perSecond(rate(besideBare)), ceiling: `${perSecond(rate(alone))} alone` },
    ratio: rate(besideBare) / rate(alone),
  })
}
