import { z } from 'zod'
import type { Step } from '#contract/run.ts'

const named = z.record(z.string(), z.unknown())
/** Parameters of Baton's tools that say what a call is about; a model may give them in any order. */
const SUBJECTS = ['path', 'command', 'url', 'query', 'question']

/** What a tool call was about, in one line: else its first text, as for tools of others. Empty for model calls. */
export function stepSubject({ kind, input }: Pick<Step, 'kind' | 'input'>): string {
  if (kind !== 'tool') return ''
  const given = named.safeParse(input).data ?? {}
  const values = [...SUBJECTS.map((name) => given[name]), ...Object.values(given)]
  const first = values.find((value): value is string => typeof value === 'string' && value.trim() !== '')
  return first?.trim().split('\n', 1)[0] ?? ''
}
