import { pino } from 'pino'
import type { Log } from '#core/core.ts'
import { correlation } from '#core/correlation.ts'
import { tidyLogs } from './log-files.ts'
import type { LogOptions } from './log-options.ts'
import { createRedactor } from './redact.ts'
import { openRollingFile } from './rolling-file.ts'

/** The log of a host: core's, and what only a host writes. */
export interface HostLog extends Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  /** Whether `debug` writes anything: who is asked often need not say what nobody reads. */
  readonly isDebug: boolean
  /** From now on this text is blacked out wherever it stands (S8). */
  hide(secret: string | undefined): void
}

/** A text longer than this is cut: one line must not take the room of a day. */
const LONGEST_TEXT = 16_000
/** Packing a week's files is no work for the first moments of a process. */
const TIDY_AFTER_MS = 10_000
/** pino's number of the level `warn`. */
const WARN = 40

/** Names this process among all that ever wrote to the log. */
function coreId(): string {
  return `${process.pid}-${Math.round(performance.timeOrigin).toString(36)}`
}

/** What the work belongs to that writes a line; `undefined` fields are left out. */
function subject(): Record<string, unknown> {
  const { correlation_id, run_id, task_id, actor } = correlation()
  return { correlation_id: correlation_id ?? undefined, run_id, task_id, user_id: actor?.id }
}

function shortened(fields: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== 'string' || value.length <= LONGEST_TEXT) continue
    fields[name] = `${value.slice(0, LONGEST_TEXT)} … (${value.length} characters)`
  }
  return fields
}

/**
 * Structured JSON lines (M6) in `<folder>/baton.log`: `timestamp, level, logger, message` and, where they are known,
 * `correlation_id, task_id, run_id, core_id, duration_ms, user_id`. Without secrets. See {@link openRollingFile}.
 */
export function createFileLog(options: LogOptions): HostLog {
  const { folder, level, kept_days, file_bytes, day_bytes, now = Date.now } = options
  const core_id = coreId()
  const { redact, hide } = createRedactor()
  const timestamp = (): string => new Date(now()).toISOString()
  const tidy = (): void => {
    tidyLogs(folder, kept_days, now()).catch((fault: unknown) =>
      logger.warn({ error: String(fault) }, 'Old files of the log could not be packed or removed'),
    )
  }
  const file = openRollingFile({
    ...{ folder, file_bytes, day_bytes, now, onDay: tidy },
    note: (message) =>
      `${JSON.stringify({ level: 'warn', timestamp: timestamp(), logger: 'log', core_id, message })}\n`,
  })
  const destination = {
    // Has pino set the next field before each line.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      file.write(redact(line), this.lastLevel >= WARN)
    },
  }
  const logger = pino(
    {
      level,
      base: null,
      mixin: () => ({ logger: 'baton', core_id, ...subject() }),
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${timestamp()}"`,
      formatters: { level: (label) => ({ level: label }), log: shortened },
    },
    destination,
  )
  setTimeout(tidy, TIDY_AFTER_MS).unref()
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    isDebug: logger.isLevelEnabled('debug'),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    hide,
  }
}
