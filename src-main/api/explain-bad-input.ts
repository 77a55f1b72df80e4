import { ORPCError, ValidationError } from '@orpc/server'

/** One fault of an input: where it stands (`tasks.0.title`, empty for the whole) and what is wrong. */
export interface InputFault {
  readonly field: string
  readonly message: string
}

function fieldOf(path: ValidationError['issues'][number]['path']): string {
  return (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
}

function sentence(faults: readonly InputFault[]): string {
  const shown = faults
    .slice(0, 3)
    .map((fault) => (fault.field === '' ? fault.message : `${fault.field}: ${fault.message}`))
  const more = faults.length > shown.length ? ` (and ${faults.length - shown.length} more)` : ''
  return `The request was not understood: ${shown.join('; ')}${more}. Nothing was changed; correct it and send it again.`
}

/**
 * oRPC says only "Input validation failed". This says which field and why, and hands the list out as `details`.
 * Other faults pass as they are; `null` means that `fault` is none of an input.
 */
export function explainBadInput(fault: unknown): ORPCError<'BAD_REQUEST', readonly InputFault[]> | null {
  if (!(fault instanceof ORPCError) || fault.code !== 'BAD_REQUEST') return null
  if (!(fault.cause instanceof ValidationError)) return null
  const faults = fault.cause.issues.map((issue) => ({ field: fieldOf(issue.path), message: issue.message }))
  return new ORPCError('BAD_REQUEST', { status: 400, message: sentence(faults), data: faults, cause: fault })
}
