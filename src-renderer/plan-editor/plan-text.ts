import { isCollection, LineCounter, type ParsedNode, parseDocument } from 'yaml'
import type { z } from 'zod'
import { type PlanDocument, planDocument } from '#contract/plan.ts'

/** Something wrong in a plan written as text, with the place to jump to (offset in characters, line from 1). */
export type TextProblem = { message: string; offset: number; line: number; path: string }

/** A plan read from text: either the whole document or what is wrong with it. */
export type PlanText = { document: PlanDocument; problems: [] } | { document: null; problems: TextProblem[] }

/** Long lists of problems help nobody. */
const MAX_PROBLEMS = 50

export function writePlanText(document: PlanDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`
}

/** Reads a plan from JSON (or YAML, of which JSON is a part) and says for each problem where it stands. */
export function readPlanText(text: string): PlanText {
  const lines = new LineCounter()
  const source = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number) => ({ offset, line: Math.max(1, lines.linePos(offset).line) })
  if (source.errors.length > 0) {
    const problems = source.errors
      .slice(0, MAX_PROBLEMS)
      .map((error) => ({ message: error.message, path: '', ...at(error.pos[0]) }))
    return { document: null, problems }
  }
  let value: unknown
  try {
    value = source.toJS({ maxAliasCount: 100 })
  } catch (fault) {
    // YAML refuses aliases that would unfold into a bomb.
    const message = fault instanceof Error ? fault.message : 'The text cannot be read.'
    return { document: null, problems: [{ message, path: '', ...at(0) }] }
  }
  const parsed = planDocument.safeParse(value)
  if (parsed.success) return { document: parsed.data, problems: [] }
  const problems = parsed.error.issues.slice(0, MAX_PROBLEMS).map((issue) => ({
    message: wordsOf(issue),
    path: issue.path.join('.'),
    ...at(offsetOf(source.contents, issue.path)),
  }))
  return { document: null, problems }
}

/** A refusal in words: what would be right instead. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `Use one of ${issue.values.map(String).join(', ')}.`
  if (issue.code === 'unrecognized_keys') return `A plan has no ${issue.keys.map((key) => `“${key}”`).join(', ')} here.`
  return issue.message
}

/** Where the value at `path` begins; where it is missing, its nearest parent. */
function offsetOf(root: ParsedNode | null, path: readonly PropertyKey[]): number {
  let node: unknown = root
  let offset = root?.range[0] ?? 0
  for (const part of path) {
    if (!isCollection(node)) break
    node = node.get(typeof part === 'number' ? part : String(part), true)
    if (!hasRange(node)) break
    offset = node.range[0]
  }
  return offset
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}
