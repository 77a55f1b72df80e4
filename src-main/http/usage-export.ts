import type { Context } from 'hono'
import { z } from 'zod'
import { projectId } from '#contract/ids.ts'
import { USAGE_CSV_HEADER, usageCsvLine } from '#contract/usage-csv.ts'
import type { Core } from '#core/core.ts'
import { seesOnly } from '#core/identity/caller.ts'
import { pageStream } from './page-stream.ts'
import type { RequestEnv } from './request-env.ts'
import { errorResponse, refusalResponse } from './wire-error.ts'

const PAGE = 250
const query = z.object({ project_id: projectId.optional() })

/** Every call as CSV, newest first, read page by page as the reader takes it. */
export function usageExport(context: Context<RequestEnv>, core: Core): Response {
  const parsed = query.safeParse({ project_id: context.req.query('project_id') })
  if (!parsed.success) return errorResponse('BAD_REQUEST', `Nothing was exported: ${z.prettifyError(parsed.error)}.`)
  const owner = seesOnly(context.get('caller'))
  const read = (cursor?: string) => core.usage.list({ limit: PAGE, cursor }, parsed.data.project_id, undefined, owner)
  const answer = read()
  if (!answer.ok) return refusalResponse(answer.error)
  return pageStream(context, 'text/csv; charset=utf-8', 'baton-usage.csv', pages(answer, read))
}

type Calls = ReturnType<Core['usage']['list']>

function* pages(first: Calls, read: (cursor: string) => Calls): Generator<string> {
  yield USAGE_CSV_HEADER
  for (let page = first; ; ) {
    if (!page.ok) throw new Error(`The calls cannot be read to their end: ${page.error.message}`)
    yield page.value.items.map(usageCsvLine).join('')
    const cursor = page.value.next_cursor
    if (cursor === null) return
    page = read(cursor)
  }
}
