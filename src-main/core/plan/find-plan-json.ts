import { type JsonReading, readJson } from './read-json.ts'

/** An answer this long is no plan; reading it would only cost time. */
const MAX_ANSWER_BYTES = 5_000_000
/** How much text may be read in vain for brackets that start nothing, so that the search stays linear. */
const MAX_READ_IN_VAIN = 20_000_000
const MAX_FALSE_STARTS = 64
const MAX_VALUES = 10_000

export type PlanJson =
  | { readonly ok: true; readonly value: unknown; readonly repairs: readonly string[] }
  | { readonly ok: false; readonly message: string }

/**
 * Finds the plan's JSON in a model's answer, whatever stands around it. A value is taken for the plan when it is an
 * object with `tasks` (or one that holds such an object as `plan`), or else the only list of objects, or when the whole
 * answer is one JSON value. After something broken, only an object with `tasks` counts, so that a part is never taken for the whole.
 */
export function findPlanJson(answer: string): PlanJson {
  const bytes = Buffer.byteLength(answer)
  if (bytes > MAX_ANSWER_BYTES) {
    const size = (bytes / 1_000_000).toFixed(1)
    return refuse(
      `The answer has ${size} MB; a plan may have at most ${MAX_ANSWER_BYTES / 1_000_000} MB. Answer with a shorter plan.`,
    )
  }
  if (answer.trim() === '') return refuse('The answer was empty. Answer with the plan as one JSON object.')
  const unwrapped = unwrap(answer)
  if (unwrapped !== null) {
    const inner = findPlanJson(unwrapped)
    return inner.ok ? { ...inner, repairs: ['Unpacked the JSON from a quoted text.', ...inner.repairs] } : inner
  }
  return search(answer)
}

/** The text inside an answer that is nothing but one JSON string. */
function unwrap(answer: string): string | null {
  const start = answer.search(/\S/)
  if (answer[start] !== '"') return null
  const reading = readJson(answer, start)
  const isWhole = reading.ok && answer.slice(reading.end).trim() === ''
  return isWhole && typeof reading.value === 'string' && reading.value.includes('{') ? reading.value : null
}

type Failed = Extract<JsonReading, { ok: false }>

interface Found {
  readonly value: unknown
  readonly repairs: readonly string[]
  readonly start: number
  readonly end: number
}

function search(answer: string): PlanJson {
  const bracket = /[{[]/g
  const plans: Found[] = []
  const lists: Found[] = []
  let read = 0
  let fault: { bracket: string; reading: Failed; start: number } | null = null
  let falseStarts = 0
  let inVain = 0
  for (let match = bracket.exec(answer); match !== null; match = bracket.exec(answer)) {
    const start = match.index
    const reading = readJson(answer, start)
    if (reading.ok) {
      const found = { value: reading.value, repairs: reading.repairs, start, end: reading.end }
      if (holdsTasks(found.value)) plans.push(found)
      else if (isObjectArray(found.value) || (read === 0 && around(answer, found).length === 0)) lists.push(found)
      read += 1
      if (read > MAX_VALUES) break
      bracket.lastIndex = reading.end
      continue
    }
    // The longest piece that fails is most probably the plan, so its reason is the one worth telling.
    if (fault === null || reading.at - start > fault.reading.at - fault.start)
      fault = { bracket: match[0], reading, start }
    falseStarts += 1
    inVain += reading.at - start
    if (reading.kind === 'repeated' || falseStarts > MAX_FALSE_STARTS || inVain > MAX_READ_IN_VAIN) break
  }
  if (plans.length > 1) return refuse(`The answer holds ${plans.length} plans. Answer with one JSON object only.`)
  const found = plans[0] ?? (fault === null && lists.length === 1 ? lists[0] : undefined)
  if (found === undefined) {
    return refuse(
      fault === null
        ? 'The answer holds no JSON object with "tasks". Answer with the plan as one JSON object.'
        : explain(answer, fault.bracket, fault.reading),
    )
  }
  return { ok: true, value: found.value, repairs: [...around(answer, found), ...found.repairs] }
}

/** Whether this is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isObjectArray(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isRecord)
}

function holdsTasks(value: unknown): boolean {
  if (!isRecord(value)) return false
  const plan = value['plan']
  return 'tasks' in value || (isRecord(plan) && 'tasks' in plan) || isObjectArray(plan)
}

function around(answer: string, found: Found): string[] {
  const outside = `${answer.slice(0, found.start)} ${answer.slice(found.end)}`.replace(/\s+/g, ' ').trim()
  if (outside === '') return []
  return /^(```|~~~)\w* (```|~~~)$/.test(outside)
    ? ['Took the JSON out of its code fence.']
    : [`Left out ${outside.length} characters of text around the JSON.`]
}

function explain(answer: string, bracket: string, reading: Failed): string {
  const name = bracket === '{' ? 'JSON object' : 'JSON array'
  const line = answer.slice(0, reading.at).split('\n').length
  if (reading.kind === 'cut') {
    return `The answer was cut: its ${name} has no end (${reading.what}). Answer with the whole plan, shorter if need be.`
  }
  return `The answer's ${name} cannot be read: ${reading.what} (line ${line}). Answer with the plan as valid JSON.`
}

function refuse(message: string): PlanJson {
  return { ok: false, message }
}
