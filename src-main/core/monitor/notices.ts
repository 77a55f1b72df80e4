import type { StoredEvent } from '#contract/event.ts'
import { type Notice, type NoticeKind, type NoticeView, noticeOf, type Occasion, occasionOf } from './notice.ts'

/** What happens at once is told at once: a project that ends has its last task fail just before. */
const SETTLE_MS = 2_000
/** How long the same is not told again; it doubles with each telling until somebody looks. */
const QUIET_MS = 60_000
const LONGEST_QUIET_MS = 3_600_000

export interface NoticesParts {
  readonly view: NoticeView
  /** Whether a person wants to be told of this kind. */
  wants(kind: NoticeKind): boolean
  /** Whether somebody looks at this place now. */
  isLookedAt(place: string): boolean
  show(notice: Notice): void
}

/**
 * Which events are told, and when (U4). All that is of one kind and one project is one notice. Told again, it waits twice as
 * long each time, so that a night of 300 failing tasks is told a dozen times, until {@link looked}.
 */
export interface Notices {
  take(event: StoredEvent): void
  /** Somebody looks at the window: what happens from now on is new. */
  looked(): void
  /** Projects that failed since somebody looked. */
  failures(): number
  close(): void
}

interface Waiting {
  readonly occasions: Occasion[]
  timer: NodeJS.Timeout | undefined
  told: number
  quietUntil: number
}

export function createNotices(parts: NoticesParts): Notices {
  const groups = new Map<string, Waiting>()
  const failed = new Set<string>()

  function tell(group: Waiting): void {
    group.timer = undefined
    const notice = noticeOf(group.occasions.splice(0), parts.view)
    if (notice === null || !parts.wants(notice.kind) || parts.isLookedAt(notice.place)) return
    group.quietUntil = Date.now() + Math.min(QUIET_MS * 2 ** group.told, LONGEST_QUIET_MS)
    group.told++
    parts.show(notice)
  }

  return {
    take(event) {
      if (event.type === 'project.state' && event.project_id !== null) {
        if (event.data.state === 'failed') failed.add(event.project_id)
        else failed.delete(event.project_id)
      }
      const occasion = occasionOf(event)
      if (occasion === null) return
      const group = groups.get(occasion.key) ?? { occasions: [], timer: undefined, told: 0, quietUntil: 0 }
      groups.set(occasion.key, group)
      group.occasions.push(occasion)
      group.timer ??= setTimeout(() => tell(group), Math.max(SETTLE_MS, group.quietUntil - Date.now()))
    },
    looked() {
      failed.clear()
      for (const [key, group] of groups) {
        // What waits to be told again is seen in the window.
        clearTimeout(group.timer)
        groups.delete(key)
      }
    },
    failures: () => failed.size,
    close() {
      for (const { timer } of groups.values()) clearTimeout(timer)
      groups.clear()
    },
  }
}
