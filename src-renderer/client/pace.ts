/** Work in one piece up to this long leaves room in a frame, of 16 ms, for what it makes the page draw. */
const SLICE_MS = 8
/** A page that is seen and draws nothing for so long has nothing to draw. */
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
  if (document.visibilityState === 'hidden') {
    // It draws no frames, and its timers are held back for up to a minute; messages are not.
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      then()
    }
    port2.postMessage(null)
    return
  }
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
