/** Tells when the clock of this machine is set back, by comparing it with one that only runs forwards. */
export interface ClockWatch {
  /** By how many ms it was set back since this was last asked; 0 where it was not. */
  setBack(): number
}

/** Less is the clock being trimmed, which changes no wait that matters. */
const NOTICED_MS = 1_000

/** `livedUntil`: the last moment (ms) that the process before this one wrote down; 0 where there was none. */
export function createClockWatch(livedUntil = 0): ClockWatch {
  const ahead = (): number => Date.now() - performance.now()
  let before = Math.max(ahead(), livedUntil - performance.now())
  return {
    setBack() {
      const now = ahead()
      const back = before - now
      before = now
      return back >= NOTICED_MS ? Math.round(back) : 0
    },
  }
}
