import { app, dialog } from 'electron'
import type { Settings } from '#contract/settings.ts'
import type { Core, Log } from '#core/core.ts'
import { followEvents } from '#core/monitor/follow-events.ts'
import type { NoticeKind } from '#core/monitor/notice.ts'
import { createNotices } from '#core/monitor/notices.ts'
import { type TrayAction, trayLook } from '#core/monitor/tray-look.ts'
import { applyLaunchAtLogin } from './launch-at-login.ts'
import { createNotifications } from './notifications.ts'
import { texts } from './texts.ts'
import { createTrayIcon, type TrayIcon } from './tray.ts'

/** However many events come, the tray is drawn at most this often. */
const REDRAW_MS = 500

/** What goes along with core outside of the window: the tray, the notifications, the start at login (U4). */
export interface Companion {
  /** Whether there is an icon by which a person reaches Baton without its window. */
  hasTray(): boolean
  /** Core ends: it says so where it is seen, and tells nothing any more. */
  ending(): void
}

export interface CompanionParts {
  readonly core: Core
  readonly log: Log
  /** Shows the window, at a place where one is named. */
  show(place: string | null): void
  isLookedAt(place: string): boolean
  quit(): void
}

const WANTS: Record<NoticeKind, keyof Settings> = {
  done: 'desktop_notify_done',
  needs_you: 'desktop_notify_needs_you',
  budget: 'desktop_notify_budget',
  failure: 'desktop_notify_failure',
}

export function accompany({ core, log, show, isLookedAt, quit }: CompanionParts): Companion {
  const end = new AbortController()
  const notifications = createNotifications(show)
  let tray: TrayIcon | null = null
  let redraw: NodeJS.Timeout | undefined

  const notices = createNotices({
    view: {
      project(id) {
        const found = core.projects.get(id)
        return found.ok ? found.value : null
      },
      openApprovals: (id) => core.approvals.list('open').filter(({ project_id }) => project_id === id).length,
    },
    wants: (kind) => core.settings.get()[WANTS[kind]] === true,
    isLookedAt,
    show: notifications.show,
  })

  async function pause(paused: boolean): Promise<void> {
    const done = await (paused ? core.system.pauseAll() : core.system.resumeAll())
    if (!done.ok) await dialog.showMessageBox({ type: 'warning', message: texts.notDone, detail: done.error.message })
  }

  function act(action: TrayAction): void {
    if (action === 'quit') quit()
    else if (action === 'open') show(null)
    else if (action === 'inbox') show('/inbox')
    else void pause(action === 'pause')
  }

  function draw(): void {
    redraw = undefined
    tray?.show(trayLook(core.system.status(), notices.failures()))
  }

  function drawSoon(): void {
    if (!end.signal.aborted) redraw ??= setTimeout(draw, REDRAW_MS)
  }

  function applySettings(): void {
    const { desktop_tray, desktop_launch_at_login } = core.settings.get()
    if (desktop_tray && tray === null) tray = createTrayIcon(act)
    if (!desktop_tray) {
      tray?.remove()
      tray = null
    }
    const applied = applyLaunchAtLogin(desktop_launch_at_login)
    if (!applied.ok) log.warn('the start at login could not be set', { error: applied.error })
    draw()
  }

  function looked(): void {
    notices.looked()
    notifications.clear()
    drawSoon()
  }

  applySettings()
  app.on('browser-window-focus', looked)
  void followEvents(core, end.signal, {
    event(event) {
      notices.take(event)
      if (event.type === 'settings.changed') applySettings()
      else drawSoon()
    },
    // Tells of a full disk, and the day's spend begins anew at midnight without any event.
    beat: drawSoon,
  })

  return {
    hasTray: () => tray !== null,
    ending() {
      end.abort()
      clearTimeout(redraw)
      notices.close()
      tray?.say(texts.ending)
    },
  }
}
