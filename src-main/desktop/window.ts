import { join } from 'node:path'
import { app, BrowserWindow, nativeTheme } from 'electron'
import type { Log } from '#core/core.ts'
import { pageAddress } from './page.ts'
import { keepWindowState, readWindowState } from './window-state.ts'

/** The page's own grounds, so that nothing flashes before it is drawn. */
const GROUND = { light: '#f6f7f8', dark: '#101214' }

/** The one window. A place is what the page's address has after `#`; it must be of Baton's own making. */
export interface MainWindow {
  /** Brings the window to the front, at a place where one is named; opens it where it was closed. */
  show(place: string | null): void
  /** Whether the window is in front and shows this place or something in it. */
  isLookedAt(place: string): boolean
}

function load(window: BrowserWindow, place: string | null, log: Log): void {
  const url = place === null ? pageAddress() : `${pageAddress()}#${place}`
  window.loadURL(url).catch((fault: unknown) => {
    log.error('the page could not be loaded', { error: String(fault) })
  })
}

/** The place that the window shows; null before it shows any. */
function shownPlace(window: BrowserWindow): string | null {
  return window.webContents.getURL().split('#', 2)[1] ?? null
}

function openWindow(log: Log, place: string | null): BrowserWindow {
  const stateFile = join(app.getPath('userData'), 'window.json')
  const { maximized, ...bounds } = readWindowState(stateFile)
  const window = new BrowserWindow({
    ...bounds,
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
  load(window, place, log)
  return window
}

/** `onOpen` is told of each window that is made. */
export function createMainWindow(log: Log, onOpen: (window: BrowserWindow) => void): MainWindow {
  const present = (): BrowserWindow | undefined => BrowserWindow.getAllWindows()[0]
  return {
    show(place) {
      const window = present()
      if (window === undefined) {
        onOpen(openWindow(log, place))
        return
      }
      if (place !== null && shownPlace(window) !== place) load(window, place, log)
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
    },
    isLookedAt(place) {
      const window = present()
      if (window === undefined || !window.isFocused()) return false
      const shown = shownPlace(window)
      return shown !== null && (shown === place || shown.startsWith(`${place}/`))
    },
  }
}
