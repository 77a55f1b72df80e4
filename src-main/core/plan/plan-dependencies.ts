import { findCycle } from './graph-checks.ts'
import type { AssignedKeys } from './plan-keys.ts'
import { squeeze } from './plan-members.ts'
import type { PlanNotes } from './plan-notes.ts'
import { kindOf, quote } from './quote.ts'

/** A task's dependencies as the model wrote them, and what its title is. */
export interface WrittenTask {
  readonly depends_on: unknown
  readonly title: string
}

type Reference =
  | { readonly kind: 'task'; readonly position: number; readonly written: string; readonly exact: boolean }
  | { readonly kind: 'number'; readonly number: number; readonly written: string }

/**
 * Turns whatever the model wrote into dependencies between keys. The rules, in this order:
 *
 * 1. Ids win: a reference that is an id (also `2` for `"2"`, or in other case) or a task's whole title is that task.
 *    An id that several tasks have is a problem.
 * 2. Numbers that are no id: where every id is one word with a number (`t1`, `t2`), the number of an id, if all fit.
 * 3. Otherwise they are positions: counted from 0 when a 0 occurs, from 1 when the number of tasks occurs, else in the
 *    only one of both ways that makes no task wait for itself. Where both ways make sense it is a problem, not a guess.
 *
 * Dependencies of a task on itself and repeated ones are dropped and noted: they say nothing.
 */
export function resolveDependencies(
  tasks: readonly WrittenTask[],
  assigned: AssignedKeys,
  notes: PlanNotes,
): string[][] {
  const lookup = createLookup(tasks, assigned)
  const references = tasks.map((task, index) =>
    readReferences(task.depends_on, assigned.keys[index] ?? null, lookup, notes),
  )
  const read = readNumbers(references, assigned, notes)
  return references.map((list, index) => {
    const key = assigned.keys[index] ?? ''
    const dependencies = new Set<string>()
    for (const reference of list) {
      const position = reference.kind === 'task' ? reference.position : read(reference.number, key)
      const dependency = position === null ? undefined : assigned.keys[position]
      if (dependency === undefined) continue
      const isExact = reference.kind === 'task' && reference.exact && reference.written === dependency
      if (!isExact) notes.repair(key, `Read the dependency ${quote(reference.written)} as ${quote(dependency)}.`)
      if (dependency === key) notes.repair(key, 'Dropped its dependency on itself.')
      else if (dependencies.has(dependency))
        notes.repair(key, `Named the dependency ${quote(dependency)} once instead of twice.`)
      else dependencies.add(dependency)
    }
    return [...dependencies]
  })
}

type Lookup = (written: string) => readonly number[]

function createLookup(tasks: readonly WrittenTask[], assigned: AssignedKeys): Lookup {
  const bySpelling = new Map<string, number[]>()
  const add = (spelling: string, position: number) => {
    const known = bySpelling.get(spelling)
    if (known === undefined) bySpelling.set(spelling, [position])
    else if (!known.includes(position)) known.push(position)
  }
  for (const [id, positions] of assigned.positions) {
    const spelling = squeeze(id)
    if (spelling !== '') for (const position of positions) add(`id ${spelling}`, position)
  }
  for (const [position, task] of tasks.entries()) {
    const spelling = squeeze(task.title)
    if (spelling !== '') add(`title ${spelling}`, position)
  }
  return (written) => {
    const exact = assigned.positions.get(written)
    if (exact !== undefined) return exact
    const spelling = squeeze(written)
    return bySpelling.get(`id ${spelling}`) ?? bySpelling.get(`title ${spelling}`) ?? []
  }
}

function readReferences(value: unknown, task: string | null, lookup: Lookup, notes: PlanNotes): Reference[] {
  const references: Reference[] = []
  for (const item of listOf(value, task, lookup, notes)) {
    if (typeof item !== 'string' && typeof item !== 'number') {
      notes.problem(task, 'depends_on', `A dependency is ${kindOf(item)}. Give the ids of tasks.`)
      continue
    }
    const written = String(item).trim()
    const positions = lookup(written)
    const position = positions[0]
    if (position !== undefined && positions.length === 1) {
      references.push({ kind: 'task', position, written, exact: typeof item === 'string' })
    } else if (positions.length > 1) {
      const message = `It depends on ${quote(written)}, but ${positions.length} tasks are called that. Give every task an id of its own.`
      notes.problem(task, 'depends_on', message)
    } else if (/^\d{1,9}$/.test(written)) {
      references.push({ kind: 'number', number: Number(written), written })
    } else {
      notes.problem(task, 'depends_on', `There is no task ${quote(written)}. Name the ids of tasks in this plan.`)
    }
  }
  return references
}

/** The references in a list, in one text with commas, or alone. */
function listOf(value: unknown, task: string | null, lookup: Lookup, notes: PlanNotes): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  if (typeof value !== 'string') {
    if (typeof value === 'number') notes.repair(task, 'Read the dependency as a list of one.')
    return [value]
  }
  const text = value.trim()
  if (text === '' || /^(none|null|-)$/i.test(text)) {
    if (lookup(text).length === 0) {
      if (value !== '') notes.repair(task, `Read the dependencies ${quote(value)} as none.`)
      return []
    }
  }
  notes.repair(task, 'Read the dependencies, one text, as a list.')
  return lookup(text).length > 0 ? [text] : text.split(',').filter((part) => part.trim() !== '')
}

type ReadNumber = (number: number, task: string) => number | null

/** Decides how numbers that are no id are meant, for the whole plan at once: see the rules above. */
function readNumbers(references: readonly Reference[][], assigned: AssignedKeys, notes: PlanNotes): ReadNumber {
  const numbers = new Set(
    references.flat().flatMap((reference) => (reference.kind === 'number' ? [reference.number] : [])),
  )
  const count = assigned.keys.length
  const byIdNumber = idNumbers(assigned)
  if (byIdNumber !== null && [...numbers].every((number) => byIdNumber.has(number))) {
    return (number) => byIdNumber.get(number) ?? null
  }
  const outOfRange = (number: number, task: string, first: number) => {
    const message = `There is no task ${number}: as positions, ${first} to ${count - 1 + first} are possible. Name the ids of tasks.`
    notes.problem(task, 'depends_on', message)
    return null
  }
  const from =
    (first: number): ReadNumber =>
    (number, task) =>
      number < first || number >= count + first ? outOfRange(number, task, first) : number - first
  if (numbers.has(0)) return from(0)
  if (numbers.has(count)) return from(1)
  const sensible = [0, 1].filter((first) => isSensible(references, first))
  const only = sensible[0]
  if (sensible.length === 1 && only !== undefined) return from(only)
  return (number, task) => {
    if (number > count) return outOfRange(number, task, 1)
    const message = `It depends on ${number}, which is no id, and as a position it may count from 0 or from 1. Name the ids of tasks.`
    notes.problem(task, 'depends_on', message)
    return null
  }
}

/** The number at the end of each id to its position, where all ids are the same word and different numbers. */
function idNumbers(assigned: AssignedKeys): ReadonlyMap<number, number> | null {
  const numbers = new Map<number, number>()
  const words = new Set<string>()
  for (const [id, positions] of assigned.positions) {
    const match = /^(.*?\D)(\d{1,9})$/.exec(id)
    const position = positions[0]
    if (match === null || position === undefined || positions.length > 1) return null
    words.add(match[1] ?? '')
    numbers.set(Number(match[2]), position)
  }
  const isComplete = numbers.size === assigned.keys.length && words.size === 1
  return isComplete ? numbers : null
}

/** Whether no task waits for itself when numbers count from `first`. */
function isSensible(references: readonly Reference[][], first: number): boolean {
  const tasks = references.map((list, index) => ({
    key: String(index),
    depends_on: list.map((reference) =>
      String(reference.kind === 'task' ? reference.position : reference.number - first),
    ),
  }))
  return findCycle(tasks) === null
}
