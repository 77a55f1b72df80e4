import { InvalidArgumentError } from 'commander'
import type { ExitCode } from '../cli/exit-code.ts'

/** Is told the exit code of the command that was carried out. */
export type Ended = (code: ExitCode) => void

/** What most commands know: print JSON instead of text. */
export interface JsonFlag {
  readonly json?: boolean
}

/** For options and arguments that are a whole number from 1. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('It must be a whole number from 1.')
  return Number(text)
}
