import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkAfterwards } from '../attack/check-afterwards.ts'
import { fuzzBodies } from '../attack/fuzz-bodies.ts'
import { faultOf } from '../attack/judge-answer.ts'
import { prepareProjects } from '../attack/prepare-rows.ts'
import { startVictim, type Victim } from '../attack/victim.ts'
import { eventually } from '../support/eventually.ts'

const BODIES = 1_500
const SEED = 20_261_121

let victim: Victim
beforeAll(async () => {
  victim = await startVictim()
})
afterAll(() => victim.close())

test('S6 E10 a project that is deleted while a task of it is undone is no fault of Baton', async () => {
  for (const pause of [0, 30, 60, 120, 240]) {
    const { projects, tasks } = await prepareProjects(victim)
    const [project] = projects
    const ask = async (method: string, path: string) => {
      const answer = await fetch(`${victim.url}/api${path}`, {
        method,
        headers: { authorization: `Bearer ${victim.token}` },
      })
      return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
    }
    await eventually('the end of the project', async () =>
      (await ask('GET', `/projects/${project}`)).body.includes('"state":"succeeded"'),
    )
    const deleting = ask('DELETE', `/projects/${project}`)
    await sleep(pause)
    const answers = [await ask('POST', `/tasks/${tasks[0]}/undo`), await deleting]
    expect(answers.map((answer) => faultOf(answer, [victim.bench.folder]))).toEqual([null, null])
  }
})

test(`A3 S4 ${BODIES} hostile requests to every route (seed ${SEED}) find no fault, and leave whole books`, async () => {
  const { sent, statuses, faults } = await fuzzBodies(victim, { bodies: BODIES, seed: SEED })
  expect(faults).toEqual([])
  expect(sent).toBeGreaterThan(BODIES * 0.95)
  // Refusals alone would mean that nothing got past the first look.
  expect((statuses['200'] ?? 0) + (statuses['201'] ?? 0)).toBeGreaterThan(BODIES / 20)
  expect(await checkAfterwards(victim)).toEqual([])
})
