const cleanups: (() => Promise<unknown>)[] = []

/** Runs after the test, last first. */
export function cleanup(work: () => Promise<unknown>): void {
  cleanups.push(work)
}

/** Does what was put off until the end of a test; for `after-each.ts`. */
export async function runCleanups(): Promise<void> {
  for (const work of cleanups.splice(0).reverse()) await work()
}
