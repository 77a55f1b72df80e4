import { EXIT } from './exit-code.ts'

export interface Interrupt {
  /** Aborts at the first Ctrl+C (or SIGTERM). */
  readonly signal: AbortSignal
  dispose(): void
}

/**
 * The first Ctrl+C asks to stop in order, the second ends the process at once: what was under way is settled from the
 * journal at the next start (E5).
 */
export function listenForInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort()
    onFirst()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    dispose() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
