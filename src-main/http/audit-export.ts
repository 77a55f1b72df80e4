import type { Context } from 'hono'
import type { Core } from '#core/core.ts'
import { pageStream } from './page-stream.ts'
import type { RequestEnv } from './request-env.ts'

/** Entries that are sent together. */
const TOGETHER = 200

/** The audit trail (S7) as one JSON object a line, oldest first, read as the reader takes it. */
export function auditExport(context: Context<RequestEnv>, core: Core): Response {
  return pageStream(context, 'application/jsonl; charset=utf-8', 'baton-audit.jsonl', pages(core))
}

function* pages(core: Core): Generator<string> {
  let text = ''
  let count = 0
  for (const entry of core.identity.auditAll()) {
    text += `${JSON.stringify(entry)}\n`
    count += 1
    if (count % TOGETHER > 0) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}
