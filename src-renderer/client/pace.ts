/** Work without a pause up to this long leaves room in a frame, of 16 ms, for what it makes the page draw. */
const SLICE_MS = 8

/**
 * Lets the page draw and answer between pieces of long work: to be awaited after each piece. Goes on at once until
 * `SLICE_MS` of work have been done since the last pause.
 */
export function createPace(now: () => number = () => performance.now()): () => Promise<void> | undefined {
  let beganAt = now()
  return () => {
    if (now() - beganAt < SLICE_MS) return
    return new Promise((resolve) => {
      setTimeout(() => {
        beganAt = now()
        resolve()
      })
    })
  }
}
