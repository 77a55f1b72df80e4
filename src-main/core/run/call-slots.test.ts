import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CallPlace, createCallSlots } from './call-slots.ts'

const place = (provider: string, profile = 'any', provider_cap = 2, profile_cap = 1): CallPlace => ({
  ...{ provider, profile, provider_cap, profile_cap },
})
const never = new AbortController().signal

test('E2 calls of one profile go one after the other where its cap is 1, in the order in which they came', async () => {
  const slots = createCallSlots()
  const order: number[] = []
  const first = await slots.enter(place('a'), never)
  const rest = [1, 2, 3].map(async (number) => {
    const leave = await slots.enter(place('a'), never)
    order.push(number)
    leave?.()
  })
  // Another provider has places of its own.
  expect(await slots.enter(place('b'), never)).not.toBeNull()
  first?.()
  first?.()
  await Promise.all(rest)
  expect(order).toEqual([1, 2, 3])
})

test('E2 who stops waiting takes no place and holds nobody up', async () => {
  const slots = createCallSlots()
  const held = await slots.enter(place('a'), never)
  const stop = new AbortController()
  const gone = slots.enter(place('a'), stop.signal)
  const next = slots.enter(place('a'), never)
  stop.abort()
  expect(await gone).toBeNull()
  expect(await slots.enter(place('a'), stop.signal)).toBeNull()
  held?.()
  expect(await next).not.toBeNull()
})

test('E2 never more calls than the caps, and everybody gets a place, whatever the order', async () => {
  const call = fc.record({ provider: fc.constantFrom('a', 'b'), profile: fc.constantFrom('x', 'y'), turns: fc.nat(3) })
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 30 }), async (calls) => {
      const slots = createCallSlots()
      const active = new Map<string, number>()
      const change = (key: string, by: number): number => {
        const now = (active.get(key) ?? 0) + by
        active.set(key, now)
        return now
      }
      const done = await Promise.all(
        calls.map(async ({ provider, profile, turns }) => {
          const leave = await slots.enter(place(provider, profile, 3, 2), never)
          expect(change(provider, 1)).toBeLessThanOrEqual(3)
          expect(change(`${provider} ${profile}`, 1)).toBeLessThanOrEqual(2)
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
          change(provider, -1)
          change(`${provider} ${profile}`, -1)
          leave?.()
          return true
        }),
      )
      expect(done).toHaveLength(calls.length)
    }),
  )
})
