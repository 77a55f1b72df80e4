import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { app } from 'electron'
import { err, ok, type Result } from '#contract/result.ts'
import { autostartEntry, HIDDEN } from './autostart-entry.ts'

/** What starts this application again: an AppImage is mounted elsewhere each time, so its file is named. */
function command(): string[] {
  const program = process.env['APPIMAGE'] ?? process.execPath
  return app.isPackaged ? [program] : [program, app.getAppPath()]
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Not there: there is nothing to compare with.
    return null
  }
}

/** Electron has no such setting on Linux; desktops read the folder of the freedesktop.org autostart specification. */
function applyOnLinux(wanted: boolean): void {
  const file = join(app.getPath('appData'), 'autostart', 'baton.desktop')
  const entry = autostartEntry(command())
  const present = readOrNull(file)
  if (wanted && present !== entry) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, entry)
  }
  // Another installation's entry, or one that a person changed, is left alone.
  if (!wanted && present === entry) rmSync(file)
}

/** Has the system start Baton when its owner logs in, or not (off unless the setting asks for it). */
export function applyLaunchAtLogin(wanted: boolean): Result<void, string> {
  try {
    if (process.platform === 'linux') applyOnLinux(wanted)
    else if (app.getLoginItemSettings({ args: [HIDDEN] }).openAtLogin !== wanted) {
      app.setLoginItemSettings({ openAtLogin: wanted, args: [HIDDEN] })
    }
    return ok(undefined)
  } catch (fault) {
    return err((fault as Error).message)
  }
}
