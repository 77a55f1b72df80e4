import { taskKey } from '#contract/plan.ts'
import type { PlanNotes } from './plan-notes.ts'
import { kindOf, quote } from './quote.ts'

/** The keys of all tasks in order, and what each id that the model wrote stands for. */
export interface AssignedKeys {
  readonly keys: readonly string[]
  /** Ids as the model wrote them, to the positions of the tasks that have them. */
  readonly positions: ReadonlyMap<string, readonly number[]>
}

/**
 * Gives every task a key of its own. An id that serves as key stays; a missing one becomes `t1`, `t2`…; one that keys
 * cannot spell is spelled differently; the second of two equal ids gets a suffix. Whether that was lossless is decided
 * by who depends on it: a reference to an id that several tasks have is a problem.
 */
export function assignKeys(ids: readonly unknown[], notes: PlanNotes): AssignedKeys {
  const written = ids.map((id, index) => readId(id, index, notes))
  const positions = new Map<string, number[]>()
  for (const [index, id] of written.entries()) {
    if (id !== null) positions.set(id, [...(positions.get(id) ?? []), index])
  }
  const taken = new Set(written.filter((id) => id !== null && taskKey.safeParse(id).success))
  const used = new Set<string>()
  const nextSuffix = new Map<string, number>()
  const free = (base: string, first: number): string => {
    for (let suffix = nextSuffix.get(base) ?? first; ; suffix += 1) {
      const key = suffix === 0 ? base : `${base}-${suffix}`
      if (taken.has(key) || used.has(key)) continue
      nextSuffix.set(base, suffix + 1)
      return key
    }
  }
  const keys = written.map((id, index) => {
    const key = keyFor(id, index, used, free)
    used.add(key)
    if (id === null) notes.repair(key, `Task ${index + 1} had no id; it is called ${quote(key)} now.`)
    else if (key !== id) notes.repair(key, `Renamed task ${index + 1} from ${quote(id)} to ${quote(key)}.`)
    return key
  })
  return { keys, positions }
}

function readId(id: unknown, index: number, notes: PlanNotes): string | null {
  if (id === undefined || id === null) return null
  if (typeof id === 'number') return String(id)
  if (typeof id === 'string') return id.trim() === '' ? null : id.trim()
  notes.problem(null, 'id', `Task ${index + 1}: the id is ${kindOf(id)}. Give a short text.`)
  return null
}

function keyFor(
  id: string | null,
  index: number,
  used: ReadonlySet<string>,
  free: (base: string, first: number) => string,
): string {
  if (id === null) return free(`t${index + 1}`, 0)
  if (taskKey.safeParse(id).success) return used.has(id) ? free(id.slice(0, 58), 2) : id
  const spelled = id
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 58)
  return free(spelled === '' ? `t${index + 1}` : spelled, 0)
}
