import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { eventsQuery, storedEvent } from '../event.ts'
import { pageQuery } from '../page.ts'
import { streamItem } from '../stream-item.ts'
import { route } from './route.ts'

/** Events: what happened, as a list and as it happens (A4). */
export const events = {
  /** Where a type is rare, a page may have few items or none and a `next_cursor` all the same: so far was looked. */
  list: route
    .route({ method: 'GET', path: '/events' })
    .input(z.strictObject({ ...eventsQuery, limit: pageQuery.limit }))
    .output(z.object({ items: z.array(storedEvent), next_cursor: z.string().nullable() })),
  /** Everything after `after`, then everything as it happens. On HTTP this is `GET /events/stream` (SSE, written by hand). */
  stream: route.input(z.strictObject(eventsQuery)).output(eventIterator(streamItem)),
}
