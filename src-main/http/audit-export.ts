import type { Context } from 'hono'
import { stream } from 'hono/streaming'
import type { Core } from '#core/core.ts'
import type { RequestEnv } from './request-env.ts'

/** The audit trail (S7) as one JSON object a line, oldest first, read as the reader takes it. */
export function auditExport(context: Context<RequestEnv>, core: Core): Response {
  context.header('content-type', 'application/jsonl; charset=utf-8')
  context.header('content-disposition', 'attachment; filename="baton-audit.jsonl"')
  return stream(context, async (out) => {
    for (const entry of core.identity.auditAll()) {
      if (out.aborted) return
      await out.write(`${JSON.stringify(entry)}\n`)
    }
  })
}
