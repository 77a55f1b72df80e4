import { Notification } from 'electron'
import type { Notice } from '#core/monitor/notice.ts'

/** Shows notices by the system's notifications (U4); a later one of the same key takes the place of the one before. */
export function createNotifications(open: (place: string) => void): { show(notice: Notice): void; clear(): void } {
  // Kept, because a notification that is collected as garbage loses its click.
  const shown = new Map<string, Notification>()
  return {
    show({ key, title, body, place }) {
      if (!Notification.isSupported()) return
      shown.get(key)?.close()
      const notification = new Notification({ title, body })
      notification.on('click', () => open(place))
      shown.set(key, notification)
      notification.show()
    },
    clear() {
      for (const notification of shown.values()) notification.close()
      shown.clear()
    },
  }
}
