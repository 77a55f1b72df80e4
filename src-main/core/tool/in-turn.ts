/** The last call in line for each file, until it ends. */
const lastInLine = new Map<string, Promise<void>>()

/**
 * Runs calls on the same file one after another, in the order they came, so that no edit is lost between another's read
 * and write. `root` is the workspace's.
 */
export async function inTurn<T>(root: string, path: string, run: () => Promise<T>): Promise<T> {
  const key = `${root}\0${path}`
  const mine = (lastInLine.get(key) ?? Promise.resolve()).then(run)
  const ended = mine.then(nothing, nothing)
  lastInLine.set(key, ended)
  try {
    return await mine
  } finally {
    if (lastInLine.get(key) === ended) lastInLine.delete(key)
  }
}

function nothing(): void {}
