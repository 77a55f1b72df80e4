/** Work in one piece up to this long leaves room in a frame, of 16 ms, for what it makes the page draw. */
const SLICE_MS = 8
/** A page that is not seen draws no frames; its work goes on all the same. */
const LATEST_MS = 50

/**
 * Spreads long work over frames: to be awaited after each piece of it. Goes on at once until `SLICE_MS` of work have been
 * done, then when the page has drawn.
 */
export function createPace(
  now: () => number = () => performance.now(),
  afterFrame: (then: () => void) => void = onceDrawn,
): () => Promise<void> | undefined {
  let beganAt = now()
  return () => {
    if (now() - beganAt < SLICE_MS) return
    return new Promise((resolve) =>
      afterFrame(() => {
        beganAt = now()
        resolve()
      }),
    )
  }
}

function onceDrawn(then: () => void): void {
  const end = () => {
    cancelAnimationFrame(frame)
    then()
  }
  let timer = setTimeout(end, LATEST_MS)
  const frame = requestAnimationFrame(() => {
    // Called before the frame is drawn; a task that is set off here comes after.
    clearTimeout(timer)
    timer = setTimeout(end)
  })
}
