/** A line of results, on stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** A line of progress or advice, on stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** One JSON object as one line of results. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value))
}
