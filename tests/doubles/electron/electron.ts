/**
 * What `import … from 'electron'` gives to Baton's desktop where Electron's binary cannot be had: the part of its API
 * that Baton uses, typed against Electron's own declarations, with Chromium as its window. A name or a method that
 * Baton begins to use and this does not have fails at once.
 */
import type * as Electron from 'electron'
import { app } from './app.ts'
import { BrowserWindow } from './browser-window.ts'
import { answerEvaluations } from './control.ts'
import { dialog, errorBoxes, messageBoxes } from './dialog.ts'
import { ipcMain } from './ipc-main.ts'
import { Menu, menus } from './menu.ts'
import { MessageChannelMain } from './message-port.ts'
import { nativeTheme } from './native-theme.ts'
import { Notification, notifications } from './notification.ts'
import { protocol } from './protocol.ts'
import { session } from './session.ts'
import { openedPaths, shell } from './shell.ts'
import { nativeImage, Tray, trays } from './tray.ts'

const screenArea = { x: 0, y: 0, width: 1_920, height: 1_080 }
const screen = {
  getAllDisplays: () => [{ workArea: screenArea }],
} satisfies { getAllDisplays(): Pick<Electron.Display, 'workArea'>[] }

/** What only the double has: what it was shown that a person would have seen. */
const double = { messageBoxes, errorBoxes, menus, trays, notifications, openedPaths }

answerEvaluations({ app, BrowserWindow, dialog, ipcMain, nativeTheme, screen, session, double })

export {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  Notification,
  nativeImage,
  nativeTheme,
  protocol,
  screen,
  session,
  shell,
  Tray,
}
