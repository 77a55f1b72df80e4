import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Log } from '#core/core.ts'
import { correlation } from '#core/correlation.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const MAX_WAITING_BYTES = 4 * 1024 * 1024

/** Names this process among all that ever wrote to the log. */
function coreId(): string {
  return `${process.pid}-${Math.round(performance.timeOrigin).toString(36)}`
}

/** What the work belongs to that writes a line. */
function lineOf(): Record<string, unknown> {
  const { correlation_id, ...subject } = correlation()
  return correlation_id === null ? subject : { correlation_id, ...subject }
}

/**
 * Structured JSON lines (M6) in `<folder>/baton.log`. Writes at once, so that a crash loses nothing. Lines that a full or
 * failing disk does not take wait for it, up to {@link MAX_WAITING_BYTES} (D4); standard error says so once.
 */
export function createFileLog(folder: string, level: LogLevel): Log {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = pino.destination({
    dest: join(folder, 'baton.log'),
    sync: true,
    mode: 0o600,
    maxLength: MAX_WAITING_BYTES,
  })
  let isWaiting = false
  file.on('error', (fault: Error) => {
    if (!isWaiting) process.stderr.write(`The log ${folder} cannot be written: ${fault.message}. Its lines wait.\n`)
    isWaiting = true
  })
  file.on('drain', () => {
    isWaiting = false
  })
  const logger = pino(
    {
      level,
      base: { logger: 'baton', core_id: coreId() },
      mixin: lineOf,
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    file,
  )
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  }
}
