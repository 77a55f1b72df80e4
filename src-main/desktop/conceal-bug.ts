import { randomUUID } from 'node:crypto'
import { ORPCError } from '@orpc/server'
import type { Log } from '#core/core.ts'

/** A bug's own text stays in the log; the window gets the id by which the log names it. */
export function concealBug(fault: unknown, log: Log): unknown {
  if (fault instanceof ORPCError && (fault.status < 500 || fault.status === 503)) return fault
  const correlation_id = randomUUID()
  const error = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
  log.error('a call of the window failed', { correlation_id, error })
  return new ORPCError('INTERNAL', {
    status: 500,
    message: `Baton failed in a way it should not have. The log has the cause under ${correlation_id}; please report it.`,
    data: { correlation_id },
    cause: fault,
  })
}
