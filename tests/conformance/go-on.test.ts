import { expect, test } from 'vitest'
import { anthropicDouble, asked, coreBench, must } from '../support/core-bench.ts'

test.each(['start', 'resume'] as const)(
  'B4 E6 work that a provider refused for lack of credit goes on by %s once there is some',
  async (way) => {
    const double = await anthropicDouble({ default: { kind: 'no_credit' } })
    const bench = await coreBench({ anthropic: double })
    const { id } = await bench.start([{ key: 'note' }])
    await bench.reaches(id, 'waiting')
    expect(bench.project(id)).toMatchObject({ waiting_on: 'resource', limit_micros: 5_000_000 })

    // Still none: it is asked once more and waits again, for the same reason.
    const before = asked(double).length
    must(await bench.core.projects[way](id))
    await bench.reaches(id, 'waiting')
    expect(bench.project(id).reason).toMatch(/credit balance is too low/)
    expect(asked(double).length).toBeLessThanOrEqual(before + 1)

    double.setDefault({ kind: 'answer' })
    must(await bench.core.projects[way](id))
    await bench.reaches(id, 'succeeded')
    expect(bench.project(id).waiting_on).toBeNull()
  },
)
