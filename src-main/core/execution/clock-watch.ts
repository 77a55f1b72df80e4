/** Tells when the clock of this machine is set back, by comparing it with one that only runs forwards. */
export interface ClockWatch {
  /** By how many ms it was set back since this was last asked; 0 where it was not. */
  setBack(): number
}

/** Less is the clock being trimmed, which changes no wait that matters. */
const NOTICED_MS = 1_000

export function createClockWatch(): ClockWatch {
  const ahead = (): number => Date.now() - performance.now()
  let before = ahead()
  return {
    setBack() {
      const now = ahead()
      const back = before - now
      before = now
      return back >= NOTICED_MS ? Math.round(back) : 0
    },
  }
}
