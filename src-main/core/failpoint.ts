/** Ends this very process at once, as a power cut would, when it comes by a failpoint that was named at start. */
export type Failpoint = (name: FailpointName) => void

/** Every place at which a test may kill the process. */
export const FAILPOINTS = [
  'after-sent',
  'after-model-reply',
  'after-model-done',
  'after-tool-prepare',
  'after-tool-effect',
  'after-tool-done',
  'before-turn-commit',
  'after-turn-commit',
  'after-plan-approved',
] as const
export type FailpointName = (typeof FAILPOINTS)[number]

export function createFailpoint(names: readonly string[]): Failpoint {
  if (names.length === 0) return () => undefined
  const active = new Set(names)
  return (name) => {
    if (active.has(name)) process.kill(process.pid, 'SIGKILL')
  }
}
