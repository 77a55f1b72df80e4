import type { Lock } from '#contract/lock.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { formatMs } from './format.ts'
import { print, printJson, say } from './output.ts'
import { createPaint } from './paint.ts'
import { clip, printable } from './printable.ts'
import { withClient } from './session.ts'
import { renderTable } from './table.ts'

const NAME_WIDTH = 46

function sinceOf(lock: Lock): string {
  return formatMs(Math.max(0, Date.now() - Date.parse(lock.granted_at ?? lock.requested_at)))
}

/** `baton locks`: what is held and waited for, by whom, and for how long (L1). */
export function locks(flags: { json?: boolean }): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const { items } = await api.locks.list()
    if (flags.json) {
      for (const lock of items) printJson(lock)
      return EXIT.done
    }
    if (items.length === 0) {
      say('No lock is held.')
      return EXIT.done
    }
    const paint = createPaint(process.stdout)
    const rows = items.map((lock) => [
      lock.id,
      clip(printable(lock.resource), NAME_WIDTH),
      lock.state === 'held' ? 'held' : paint.waiting('waits'),
      clip(printable(lock.owner), NAME_WIDTH),
      sinceOf(lock),
      lock.token === null ? '' : String(lock.token),
      paint.dim(clip(printable(lock.purpose), NAME_WIDTH)),
    ])
    const columns = [
      { title: 'id' },
      { title: 'resource' },
      { title: '' },
      { title: 'owner' },
      { title: 'for', align: 'right' as const },
      { title: 'token', align: 'right' as const },
      { title: 'purpose' },
    ]
    print(renderTable(columns, rows, paint))
    return EXIT.done
  })
}
