import { describe, expect, test } from 'vitest'
import type { PlanEstimate } from '../../src-contract/plan.ts'
import { newProject } from '../../src-contract/project.ts'
import { MEASURES } from '../../src-main/core/plan/estimate.ts'
import { anthropicDouble, asked, type CoreBench, coreBench, must } from '../support/core-bench.ts'
import { coverage, simulateEstimates } from '../support/estimate-simulation.ts'
import { eventually } from '../support/eventually.ts'

/** From here on past projects alone tell the errors. */
const BURN_IN = 100

const DOCUMENT = {
  title: 'Two notes',
  tasks: ['a', 'b'].map((key) => ({
    key,
    title: `Write ${key}`,
    description: `Write ${key}.md`,
    type: 'writing',
    complexity: 'simple',
    tier: 'fast',
    tools: ['write_file'],
    artifacts: [`${key}.md`],
  })),
}

async function propose(bench: CoreBench): Promise<{ project: string; plan: string; estimate: PlanEstimate }> {
  const project = must(await bench.core.projects.create(newProject.parse({ requirements: 'Two notes' }))).id
  const { id, estimate } = must(await bench.core.projects.addPlan(project, DOCUMENT, 'file'))
  return { project, plan: id, estimate }
}

describe('the estimate of a core', () => {
  test('P4 learns from its own tasks and projects, keeps what was approved, and compares it with what it came to', async () => {
    const double = await anthropicDouble()
    const bench = await coreBench({ anthropic: double })
    const first = await propose(bench)
    expect(first.estimate).toMatchObject({
      sureness: 'guess',
      samples: 0,
      calibrated_by: 0,
      past: { cost: null, time: null, tokens: null },
    })
    expect(first.estimate.tasks.map((task) => task.basis)).toEqual(['default', 'default'])
    must(await bench.core.plans.approve(first.plan))
    expect(must(bench.core.plans.get(first.plan)).actual).toBeNull()
    await bench.reaches(first.project, 'succeeded')

    const ended = must(bench.core.plans.get(first.plan))
    expect(ended.estimate).toEqual(first.estimate)
    expect(ended.actual?.cost_micros).toBe(bench.project(first.project).spent_micros)
    expect(ended.actual?.tokens).toBeGreaterThan(0)
    expect(ended.actual?.ms).toBeGreaterThan(0)

    await bench.reopen()
    const second = await propose(bench)
    expect(second.estimate).toMatchObject({ sureness: 'rough', calibrated_by: 1 })
    // Of tasks that end in the same turn, one is learned from.
    expect([1, 2]).toContain(second.estimate.samples)
    for (const measure of MEASURES) expect(second.estimate.past[measure]).toMatchObject({ estimates: 1 })
    const low = Number(first.estimate.low_micros <= (ended.actual?.cost_micros ?? 0))
    const high = Number((ended.actual?.cost_micros ?? 0) <= first.estimate.high_micros)
    expect(second.estimate.past.cost?.held).toBe(low * high)
  })

  test('P4 E4 a pause of everything is no time that a project worked, and is not learned from', async () => {
    let isHeld = true
    const double = await anthropicDouble({ how: () => (isHeld ? { kind: 'answer', start_delay_ms: 200 } : null) })
    const bench = await coreBench({ anthropic: double })
    const { project, plan } = await propose(bench)
    const began = Date.now()
    must(await bench.core.plans.approve(plan))
    await eventually('a call', () => asked(double).length > 0)
    must(await bench.core.system.pauseAll())
    const paused = Date.now()
    isHeld = false
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    const pause = Date.now() - paused
    must(await bench.core.system.resumeAll())
    await bench.reaches(project, 'succeeded')
    const most = Date.now() - began - pause
    expect(must(bench.core.plans.get(plan)).actual?.ms).toBeLessThanOrEqual(most)
    expect(bench.project(project).result?.elapsed_ms).toBeLessThanOrEqual(most)
    expect(bench.project(project).result?.elapsed_ms).toBeGreaterThan(0)
  })

  test('P4 a task that was skipped makes no past estimate, and one that is done after all does', async () => {
    const bench = await coreBench({ demo: true })
    const input = newProject.parse({ requirements: 'Two notes', profile: 'demo' })
    const { id } = must(await bench.core.projects.create(input))
    must(await bench.core.system.pauseAll())
    const plan = must(await bench.core.projects.addPlan(id, DOCUMENT, 'file'))
    must(await bench.core.plans.approve(plan.id))
    must(await bench.core.tasks.skip(bench.task(id, 'a').id))
    must(await bench.core.system.resumeAll())
    await bench.reaches(id, 'succeeded')
    expect(must(bench.core.plans.get(plan.id)).actual).toBeNull()
  })

  test('P4 an approval authorises the upper estimate and no more, and going beyond it asks again', async () => {
    const double = await anthropicDouble()
    const bench = await coreBench({ anthropic: double })
    const { project, plan, estimate } = await propose(bench)
    must(await bench.core.plans.approve(plan))
    expect(bench.project(project).limit_micros).toBe(estimate.upper_micros)
    expect(estimate.upper_micros).toBeGreaterThan(estimate.high_micros)

    const poor = await propose(bench)
    must(await bench.core.plans.approve(poor.plan, 1))
    const waiting = await bench.reaches(poor.project, 'waiting')
    expect(waiting).toMatchObject({ waiting_on: 'budget', limit_micros: 1, spent_micros: 0 })
    expect(waiting.reason).toMatch(
      /project's limit of .*, which was approved with the plan, is reached.*Raise the limit/,
    )
  })

  test('P4 the demo model’s tasks say nothing about others, and others nothing about its', async () => {
    const double = await anthropicDouble()
    const bench = await coreBench({ anthropic: double, demo: true })
    const paid = await propose(bench)
    must(await bench.core.plans.approve(paid.plan))
    await bench.reaches(paid.project, 'succeeded')
    const input = newProject.parse({ requirements: 'Two notes', profile: 'demo' })
    const demo = must(await bench.core.projects.create(input)).id
    const plan = must(await bench.core.projects.addPlan(demo, DOCUMENT, 'file'))
    expect(plan.estimate).toMatchObject({ sureness: 'guess', samples: 0, calibrated_by: 0, upper_micros: 0 })
  })
})

describe('600 simulated projects with known distributions', async () => {
  const result = await simulateEstimates({ projects: 600, seed: 20_261 })

  for (const measure of MEASURES) {
    test(`P4 four of five end within the range of ${measure}, after a burn-in of ${BURN_IN}`, () => {
      // The same projects each time; of 500, 80 % are 80 % ± 1.8 %.
      expect(coverage(result, measure, BURN_IN)).toBeGreaterThan(0.76)
      expect(coverage(result, measure, BURN_IN)).toBeLessThan(0.84)
    })

    test(`P4 as many are below the range of ${measure} as above`, () => {
      const trials = result.trials.filter((trial) => trial.measure === measure && trial.index >= BURN_IN)
      const share = (is: (trial: (typeof trials)[number]) => boolean) => trials.filter(is).length / trials.length
      expect(share((trial) => trial.actual < trial.low)).toBeGreaterThan(0.07)
      expect(share((trial) => trial.actual > trial.high)).toBeGreaterThan(0.07)
      expect(Math.abs(share((trial) => trial.actual < trial.likely) - 0.5)).toBeLessThan(0.05)
    })
  }

  test('P4 one project in fifty asks for more than its approval authorised', () => {
    const again = result.asked_again.slice(BURN_IN)
    expect(again.filter(Boolean).length / again.length).toBeLessThan(0.04)
  })
})
