import { expect, test } from 'vitest'
import { anthropicDouble, coreBench } from '../support/core-bench.ts'

test('S7 the first use of a key for a project is in the trail, once', async () => {
  const double = await anthropicDouble()
  const bench = await coreBench({ anthropic: double })
  const { id } = await bench.start([
    { key: 'a', tier: 'strong' },
    { key: 'b', tier: 'strong' },
  ])
  await bench.reaches(id, 'succeeded')
  const used = bench.core.identity.audit({ limit: 100, action: 'key.used' })
  expect(used).toMatchObject([{ subject: 'anthropic', details: { source: 'environment', project_id: id } }])
})

test('S7 calls that begin at one moment leave one note', async () => {
  const bench = await coreBench({ anthropic: await anthropicDouble() })
  const { id } = await bench.start(Array.from({ length: 8 }, (_, n) => ({ key: `t${n}`, tier: 'strong' as const })))
  await bench.reaches(id, 'succeeded')
  expect(bench.core.identity.audit({ limit: 100, action: 'key.used' })).toHaveLength(1)
})
