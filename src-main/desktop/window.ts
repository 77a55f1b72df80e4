import { join } from 'node:path'
import { app, BrowserWindow, nativeTheme } from 'electron'
import type { Log } from '#core/core.ts'
import { pageAddress } from './page.ts'
import { keepWindowState, readWindowState } from './window-state.ts'

/** The page's own grounds, so that nothing flashes before it is drawn. */
const GROUND = { light: '#f6f7f8', dark: '#101214' }

/** Opens the one window. */
export function openWindow(log: Log): void {
  const stateFile = join(app.getPath('userData'), 'window.json')
  const { maximized, ...place } = readWindowState(stateFile)
  const window = new BrowserWindow({
    ...place,
    minWidth: 880,
    minHeight: 560,
    title: 'Baton',
    show: false,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? GROUND.dark : GROUND.light,
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      // Its dictionaries would be fetched from the internet.
      spellcheck: false,
    },
  })
  if (maximized) window.maximize()
  keepWindowState(window, stateFile, log)
  window.once('ready-to-show', () => window.show())
  window.webContents.on('render-process-gone', (_, { reason }) => {
    if (reason === 'clean-exit') return
    log.error('the window crashed and is loaded again', { reason })
    window.reload()
  })
  window.loadURL(pageAddress()).catch((fault: unknown) => {
    log.error('the page could not be loaded', { error: String(fault) })
  })
}

/** Brings the window to the front; opens it where it was closed. */
export function focusWindow(log: Log): void {
  const window = BrowserWindow.getAllWindows()[0]
  if (window === undefined) {
    openWindow(log)
    return
  }
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
