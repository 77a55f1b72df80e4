/** How deep data of others may nest. */
export const MAX_DATA_DEPTH = 8

/** What stands in the way of taking a value as plain data; null where nothing does. `what` names it in the text. */
export function plainDataFault(what: string, value: unknown, depth = 0): string | null {
  if (typeof value !== 'object' || value === null) return null
  if (depth > MAX_DATA_DEPTH) return `${what} may nest ${MAX_DATA_DEPTH} deep at most.`
  if (Object.hasOwn(value, '__proto__')) return 'A field must not be called __proto__.'
  for (const part of Object.values(value)) {
    const fault = plainDataFault(what, part, depth + 1)
    if (fault !== null) return fault
  }
  return null
}
