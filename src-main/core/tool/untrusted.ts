/** Marks text of strangers for a model, so that its own end is the only one; the system prompts say what the marks mean. */
export function untrusted(text: string, source: string): string {
  return `<untrusted source=${JSON.stringify(source)}>\n${text.replaceAll(/<\s*\/?\s*untrusted/gi, '(untrusted')}\n</untrusted>`
}
