import type { RollingLimits } from './rolling-file.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogOptions extends RollingLimits {
  readonly folder: string
  readonly level: LogLevel
  /** Files of older days are removed. */
  readonly kept_days: number
  readonly now?: (() => number) | undefined
}

export const LOG_DEFAULTS = { level: 'info', kept_days: 30, file_bytes: 20_000_000, day_bytes: 100_000_000 } as const
