import { createRouterClient } from '@orpc/server'
import { expect, test } from 'vitest'
import { createRouter } from '../../src-main/api/create-router.ts'
import { ownersContext } from '../../src-main/api/implementer.ts'
import { setGoing } from '../../src-main/headless/cli/set-going.ts'
import { anthropicDouble, coreBench, must } from '../support/core-bench.ts'

test('D1 X2 a project that ends between a look at it and setting it going is no fault', async () => {
  const bench = await coreBench({ anthropic: await anthropicDouble({ default: { kind: 'hang' } }) })
  const { id } = await bench.start([{ key: 'a' }])
  const { projects } = createRouterClient(createRouter(), { context: ownersContext(bench.core) })
  let looks = 0
  const overtaken: Parameters<typeof setGoing>[0] = {
    plan: projects.plan,
    resume: projects.resume,
    start: projects.start,
    get: async (input) => {
      const seen = await projects.get(input)
      looks += 1
      if (looks === 1) must(await bench.core.projects.cancel(id))
      return seen
    },
  }
  await setGoing(overtaken, id)
  expect(looks).toBeGreaterThan(1)
  expect(bench.project(id).state).toBe('cancelled')
})

test('X2 what cannot be set going for another reason is told', async () => {
  const bench = await coreBench()
  const { projects } = createRouterClient(createRouter(), { context: ownersContext(bench.core) })
  await expect(setGoing(projects, 'prj_404')).rejects.toThrow(/prj_404/)
})
