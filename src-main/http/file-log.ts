import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Log } from '#core/core.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Structured JSON lines (M6) in `<folder>/baton.log`. Writes at once, so that a crash loses nothing. */
export function createFileLog(folder: string, level: LogLevel): Log {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const logger = pino(
    {
      level,
      base: { logger: 'baton', pid: process.pid },
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: join(folder, 'baton.log'), sync: true, mode: 0o600 }),
  )
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  }
}
