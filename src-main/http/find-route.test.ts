import { expect, test } from 'vitest'
import { z } from 'zod'
import { createRouter } from '#api/create-router.ts'
import { contract } from '#contract/contract.ts'
import { createFindRoute } from './find-route.ts'

const find = createFindRoute(createRouter(), () => undefined)

test('A2 A6 a route that was found before is found again, and each path has what it says itself', async () => {
  const first = await find('GET', '/projects/prj_1')
  const other = await find('GET', '/projects/prj_2')

  expect(await find('GET', '/projects/prj_1')).toBe(first)
  expect([first?.params, other?.params]).toEqual([{ id: 'prj_1' }, { id: 'prj_2' }])
  expect(other?.procedure).toBe(first?.procedure)
  expect((await find('PATCH', '/projects/prj_1'))?.procedure).not.toBe(first?.procedure)
})

test('A2 A6 more paths than are remembered are found all the same', async () => {
  for (let n = 1; n <= 1_200; n += 1) {
    expect((await find('GET', `/projects/prj_${n}`))?.params).toEqual({ id: `prj_${n}` })
  }
  expect((await find('GET', '/projects/prj_1'))?.params).toEqual({ id: 'prj_1' })
})

test.each(['/', '/nothing', '/projects/prj_1/nothing'] as const)(
  'A2 where the contract has nothing, nothing is found, however often: %s',
  async (path) => {
    expect([await find('GET', path), await find('GET', path)]).toEqual([null, null])
  },
)

const outputs = Object.entries(contract).flatMap(([group, routes]) =>
  Object.entries(routes)
    .filter(([, { '~orpc': of }]) => of.route.path !== undefined)
    .map(([name, { '~orpc': of }]) => [`${group}.${name}`, of.outputSchema] as const),
)

test.each(outputs)('A2 A3 what %s answers is plain data, which JSON.stringify writes as it is', (name, schema) => {
  if (!(schema instanceof z.ZodType)) throw new Error(`${name} has no schema of its output.`)
  const beyondJson: string[] = []
  z.toJSONSchema(schema, {
    io: 'output',
    unrepresentable: 'any',
    override: ({ zodSchema: { _zod: of } }) => {
      if (['date', 'bigint', 'map', 'set', 'file', 'symbol', 'nan', 'transform'].includes(of.def.type)) {
        beyondJson.push(of.def.type)
      }
    },
  })

  // Stored events are read by a transform, which gives the event of its type as another schema has checked it.
  expect(beyondJson).toEqual(name === 'events.list' ? ['transform'] : [])
})
