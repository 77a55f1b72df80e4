import type { EventType } from '#contract/event.ts'

/**
 * What most events of a type say in these fields. It is not stored: five events a task are a third of the database, and a
 * fifth of their text would be empty reasons.
 */
const USUAL: { readonly [T in EventType]?: Readonly<Record<string, string | number | null>> } = {
  'project.state': { reason: '' },
  'task.state': { waiting_on: null, reason: '' },
  'run.state': { reason: '' },
  'run.phase': { summary: '' },
  'step.state': { summary: '', cost_micros: 0 },
}
const NOTHING = {}

/** An event's data as its row keeps them. */
export function eventText(type: EventType, data: object): string {
  const usual: Readonly<Record<string, unknown>> = USUAL[type] ?? NOTHING
  const told: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(data)) {
    if (!(name in usual) || usual[name] !== value) told[name] = value
  }
  return JSON.stringify(told)
}

/** The data again, to be checked; also of rows that hold all of them. Throws where the text is no JSON. */
export function eventData(type: string, text: string): unknown {
  const told: unknown = JSON.parse(text)
  if (typeof told !== 'object' || told === null || !Object.hasOwn(USUAL, type)) return told
  return { ...USUAL[type as EventType], ...told }
}
