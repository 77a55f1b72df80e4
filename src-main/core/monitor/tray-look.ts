import type { Status } from '#contract/service.ts'
import { noticeTexts } from './notice-texts.ts'

/** What the icon in the system's tray says at a glance (U4). */
export type TrayState = 'idle' | 'running' | 'needs-you' | 'error'
export type TrayAction = 'open' | 'inbox' | 'pause' | 'resume' | 'quit'
export interface TrayItem {
  readonly action: TrayAction
  readonly label: string
}

export interface TrayLook {
  readonly state: TrayState
  /** Two lines: what goes on, and what today has cost. */
  readonly tooltip: string
  /** Null is a line between items. */
  readonly menu: readonly (TrayItem | null)[]
}

const texts = noticeTexts.tray

function stateOf(status: Status, failures: number): TrayState {
  if (status.storage !== null || failures > 0) return 'error'
  if (status.needs_you > 0) return 'needs-you'
  return status.running > 0 ? 'running' : 'idle'
}

function headline(status: Status, failures: number): string {
  const parts = [
    status.storage === null ? null : texts.trouble,
    failures > 0 ? texts.failures(failures) : null,
    status.needs_you > 0 ? texts.needsYou(status.needs_you) : null,
    status.paused ? texts.paused : null,
    status.running > 0 ? texts.running(status.running) : null,
    status.queued > 0 ? texts.queued(status.queued) : null,
  ].filter((part) => part !== null)
  return `Baton: ${parts.length === 0 ? texts.idle : parts.join(', ')}`
}

/** The tray for `status`; `failures`: projects that failed since somebody last looked at the window. */
export function trayLook(status: Status, failures: number): TrayLook {
  const { settled_micros, reserved_micros, limit_micros } = status.day
  return {
    state: stateOf(status, failures),
    tooltip: `${headline(status, failures)}\n${texts.today(settled_micros, reserved_micros, limit_micros)}`,
    menu: [
      { action: 'open', label: texts.open },
      { action: 'inbox', label: texts.inbox(status.needs_you) },
      null,
      status.paused ? { action: 'resume', label: texts.resume } : { action: 'pause', label: texts.pause },
      null,
      { action: 'quit', label: texts.quit },
    ],
  }
}
