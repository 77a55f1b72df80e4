import { describe, expect, it } from 'vitest'
import { chooseShown, focusOn, type Interest } from './focus.ts'
import { FOLD_ID, LATER_ID } from './fold.ts'

interface Item {
  id: string
  depends_on: string[]
  state: 'done' | 'running' | 'pending'
}

const interest: Interest<Item> = {
  rankOf: ({ state }) => (state === 'running' ? 0 : state === 'pending' ? 2 : 3),
  isFinished: ({ state }) => state === 'done',
}

/** A chain of so many items, of which the first `done` are finished and the next one runs. */
function chain(length: number, done: number): Item[] {
  return Array.from({ length }, (_, index) => ({
    id: `t${index}`,
    depends_on: index === 0 ? [] : [`t${index - 1}`],
    state: index < done ? 'done' : index === done ? 'running' : 'pending',
  }))
}

describe('the part of a large graph that is drawn', () => {
  it('U2 U5 is what runs and what comes next; the rest is two folds', () => {
    const items = chain(10_000, 6_000)
    const shown = chooseShown(items, 300, interest, null)
    const drawn = focusOn(items, shown, interest.isFinished)
    expect(drawn).toHaveLength(302)
    expect(drawn[0]).toMatchObject({ id: FOLD_ID, folded: items.slice(0, 6_000) })
    expect(drawn[1]).toMatchObject({ id: 't6000', depends_on: [FOLD_ID] })
    expect(drawn[2]).toBe(items[6_001])
    expect(drawn.at(-1)).toMatchObject({ id: LATER_ID, depends_on: ['t6299'], folded: items.slice(6_300) })
  })

  it('U5 stays as it is while tasks end, until half of it has ended or something new runs', () => {
    const before = chooseShown(chain(1_000, 100), 100, interest, null)
    expect(chooseShown(chain(1_000, 140), 100, interest, before)).toBe(before)
    expect(chooseShown(chain(1_000, 160), 100, interest, before)).not.toBe(before)
    const elsewhere = chain(1_000, 100).map((item) =>
      item.id === 't900' ? { ...item, state: 'running' as const } : item,
    )
    expect(chooseShown(elsewhere, 100, interest, before).has('t900')).toBe(true)
  })

  it('U5 gives the same object for an item whose links are the same, so that it is not drawn anew', () => {
    const items = chain(1_000, 400)
    const shown = chooseShown(items, 100, interest, null)
    const [, first] = focusOn(items, shown, interest.isFinished)
    const [, again] = focusOn([...items], shown, interest.isFinished)
    expect(first).toMatchObject({ id: 't400', depends_on: [FOLD_ID] })
    expect(again).toBe(first)
  })

  it('U2 shows the last finished tasks where little is left to do', () => {
    const shown = chooseShown(chain(1_000, 990), 100, interest, null)
    expect(shown.has('t999')).toBe(true)
    expect(shown.has('t989')).toBe(true)
    expect(shown.has('t0')).toBe(false)
  })
})
