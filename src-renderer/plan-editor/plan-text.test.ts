import { describe, expect, it } from 'vitest'
import { type PlanDocument, planTask } from '#contract/plan.ts'
import { readPlanText, writePlanText } from './plan-text.ts'

const plan: PlanDocument = {
  title: 'Owls',
  summary: '',
  tasks: [planTask.parse({ key: 't1', title: 'Write', type: 'writing', complexity: 'simple' })],
}

describe('a plan as text', () => {
  it('P5 reads what it wrote', () => {
    expect(readPlanText(writePlanText(plan))).toEqual({ document: plan, problems: [] })
  })

  it('P5 points at the line of a wrong value and of a missing one', () => {
    const wrong = writePlanText(plan).replace('"writing"', '"singing"').replace('"title": "Write",\n', '')
    const { problems } = readPlanText(wrong)
    const lines = wrong.split('\n')
    const singing = problems.find((problem) => problem.path === 'tasks.0.type')
    expect(lines[(singing?.line ?? 0) - 1]).toContain('singing')
    expect(wrong.slice(singing?.offset)).toMatch(/^"singing"/)
    const missing = problems.find((problem) => problem.path === 'tasks.0.title')
    expect(lines[(missing?.line ?? 0) - 1]).toContain('{')
  })

  it('P5 points at broken JSON instead of failing on it', () => {
    const { document, problems } = readPlanText('{"title": "Owls",\n "tasks": [}')
    expect(document).toBeNull()
    expect(problems[0]?.line).toBe(2)
  })

  it('P8 reads YAML too', () => {
    const text = 'title: Owls\ntasks:\n  - { key: t1, title: Write, type: writing, complexity: simple }\n'
    expect(readPlanText(text).document).toEqual(plan)
  })

  it('P3 refuses a text that unfolds without end, with a reason', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]']
    for (const [name, of] of ['ba', 'cb', 'dc', 'ed'].map((pair) => [...pair])) {
      bomb.push(`${name}: &${name} [${Array(10).fill(`*${of}`).join(',')}]`)
    }
    const { document, problems } = readPlanText(bomb.join('\n'))
    expect(document).toBeNull()
    expect(problems[0]?.message).toMatch(/alias/i)
  })

  it('P3 says of an empty text what is missing', () => {
    expect(readPlanText('').problems.length).toBeGreaterThan(0)
  })
})
