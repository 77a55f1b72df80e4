/** Marks text of strangers for a model, so that its own end is the only one; the system prompts say what the marks mean. */
export function untrusted(text: string, source?: string): string {
  const of = source === undefined ? '' : ` source=${JSON.stringify(withoutMarks(source))}`
  return `<untrusted${of}>\n${withoutMarks(text)}\n</untrusted>`
}

/**
 * Text in which nothing is left that could be taken for such a mark. It is changed and not removed: what is removed may leave
 * another mark behind (`</untrus</untrusted>ted>`).
 */
export function withoutMarks(text: string): string {
  return text.replaceAll(/<(?=[\s/\p{Cf}]*untrusted)/giu, '‹')
}
