import type { Lock } from '#contract/lock.ts'
import type { ExitCode } from './exit-code.ts'
import { formatMs } from './format.ts'
import { printList } from './print-list.ts'
import { clip, printable } from './printable.ts'
import { withClient } from './session.ts'

const NAME_WIDTH = 46

function sinceOf(lock: Lock): string {
  return formatMs(Math.max(0, Date.now() - Date.parse(lock.granted_at ?? lock.requested_at)))
}

/** `baton locks`: what is held and waited for, by whom, and for how long (L1). */
export function locks(flags: { json?: boolean }): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const { items } = await api.locks.list()
    return printList(items, {
      json: flags.json,
      empty: 'No lock is held.',
      columns: [
        { title: 'id' },
        { title: 'resource' },
        { title: '' },
        { title: 'owner' },
        { title: 'for', align: 'right' },
        { title: 'token', align: 'right' },
        { title: 'purpose' },
      ],
      row: (lock, paint) => [
        lock.id,
        clip(printable(lock.resource), NAME_WIDTH),
        lock.state === 'held' ? 'held' : paint.waiting('waits'),
        clip(printable(lock.owner), NAME_WIDTH),
        sinceOf(lock),
        lock.token === null ? '' : String(lock.token),
        paint.dim(clip(printable(lock.purpose), NAME_WIDTH)),
      ],
    })
  })
}
