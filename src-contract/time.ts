import { z } from 'zod'

/** A moment on the wire: RFC 3339 in UTC. Inside, times are integer milliseconds. */
export const timestamp = z.iso.datetime()

export function toTimestamp(ms: number): string {
  return new Date(ms).toISOString()
}

export function toTimestampOrNull(ms: number | null): string | null {
  return ms === null ? null : toTimestamp(ms)
}
