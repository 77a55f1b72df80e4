/** How a command ends (X1). */
export const EXIT = { done: 0, failed: 1, usage: 2, budget: 3, approval: 4, interrupted: 130 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const PRECEDENCE: readonly ExitCode[] = [
  EXIT.interrupted,
  EXIT.budget,
  EXIT.approval,
  EXIT.usage,
  EXIT.failed,
  EXIT.done,
]

/** The one code for several that hold: 130 > 3 > 4 > 1. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? EXIT.done
}

/** A refusal of core (a route's error), as the exit code that tells a script what to do about it. */
export function exitCodeOf(fault: unknown): ExitCode {
  // Not by its class: every command loads this file, and most never meet the library that has the class.
  const code = fault instanceof Error && 'code' in fault ? fault.code : null
  if (code === 'PAYMENT_REQUIRED') return EXIT.budget
  return code === 'BAD_REQUEST' ? EXIT.usage : EXIT.failed
}

/** A command that cannot go on, with the text for the user and the code to end with. */
export class CommandFault extends Error {
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode) {
    super(message)
    this.exitCode = exitCode
  }
}
