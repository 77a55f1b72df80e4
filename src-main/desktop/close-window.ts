import { existsSync, writeFileSync } from 'node:fs'
import { app, type BrowserWindow, dialog, Notification } from 'electron'
import type { Log } from '#core/core.ts'
import { texts } from './texts.ts'

export interface CloseParts {
  isQuitting(): boolean
  /** Whether the window's closing leaves Baton in the tray. */
  staysInTray(): boolean
  /** Is there once a person was told what that means. */
  readonly marker: string
  readonly log: Log
}

/** Says once that closing the window has not ended the work. */
function tellOnce({ marker, log }: CloseParts): void {
  if (existsSync(marker)) return
  try {
    writeFileSync(marker, '', { mode: 0o600 })
  } catch (fault) {
    log.warn('it could not be kept that the tray was explained', { error: (fault as Error).message })
  }
  if (Notification.isSupported()) new Notification({ title: texts.stays, body: texts.staysBody }).show()
  else void dialog.showMessageBox({ type: 'info', message: texts.stays, detail: texts.staysBody })
}

/** What closing the window does: it hides into the tray, or wants to quit. On macOS it only closes, as everywhere there. */
export function closeOf(parts: CloseParts): (window: BrowserWindow) => void {
  return (window) => {
    window.on('close', (event) => {
      if (parts.isQuitting() || process.platform === 'darwin') return
      event.preventDefault()
      if (!parts.staysInTray()) {
        app.quit()
        return
      }
      window.hide()
      tellOnce(parts)
    })
  }
}
