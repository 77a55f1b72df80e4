/** Entry of the desktop. Runs to its end before the app is ready, as Electron asks of what must be said by then. */
import { join, resolve } from 'node:path'
import { app, BrowserWindow, dialog, Menu, session } from 'electron'
import type { Core, Log } from '#core/core.ts'
import { parseEnvironment } from '#http/environment.ts'
import { type HostedCore, makeDataFolder } from '#http/host-core.ts'
import { type EnvironmentHostOptions, logFromEnvironment } from '#http/host-from-environment.ts'
import { defaultDataFolder } from '#http/installation.ts'
import { registerAppScheme, serveAppScheme } from './app-protocol.ts'
import { openCore } from './open-core.ts'
import { servePorts } from './port.ts'
import { quitInOrder } from './quit.ts'
import { confineSession, confineWebContents } from './security.ts'
import { isFirstDesktop } from './single-instance.ts'
import { focusWindow, openWindow } from './window.ts'

function refuse(reason: string): void {
  dialog.showErrorBox('Baton cannot start', reason)
  app.exit(1)
}

/** Without Electron's own help menu, which leads to web sites. */
function setMenu(): void {
  const menus = ['fileMenu', 'editMenu', 'viewMenu', 'windowMenu'] as const
  const appMenu = process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []
  Menu.setApplicationMenu(Menu.buildFromTemplate([...appMenu, ...menus.map((role) => ({ role }))]))
}

/** The window opens at once; its calls wait until core is open. */
async function start(options: EnvironmentHostOptions, log: Log, onOpen: (hosted: HostedCore) => void): Promise<void> {
  const opened = Promise.withResolvers<Core>()
  servePorts(opened.promise, log)
  confineSession(session.defaultSession)
  serveAppScheme()
  setMenu()
  openWindow(log)
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) openWindow(log)
  })
  const hosted = await openCore(options)
  if (hosted === null) return app.exit(1)
  onOpen(hosted)
  hosted.core.execute('all')
  opened.resolve(hosted.core)
}

function main(): void {
  const environment = parseEnvironment(process.env)
  if (!environment.ok) {
    refuse(environment.error)
    return
  }
  const data_dir = resolve(environment.value.BATON_DATA_DIR ?? defaultDataFolder())
  const profile = join(data_dir, 'desktop')
  const folder = makeDataFolder(profile)
  if (!folder.ok) {
    refuse(folder.error)
    return
  }
  app.setPath('userData', profile)

  let hosted: HostedCore | null = null
  const log = logFromEnvironment(environment.value, data_dir)
  const isFirst = isFirstDesktop(() => {
    // The one that ends gives its place to the one that was just asked for.
    if (quit.isQuitting()) app.relaunch()
    else if (app.isReady()) focusWindow(log)
  })
  if (!isFirst) {
    app.quit()
    return
  }
  const quit = quitInOrder(() => hosted)
  registerAppScheme()
  confineWebContents()
  const options = { environment: environment.value, data_dir, demo: true, log }
  app
    .whenReady()
    .then(() => start(options, log, (opened) => (hosted = opened)))
    .catch((fault: unknown) => {
      log.error('the desktop could not start', { error: fault instanceof Error ? fault.stack : String(fault) })
      refuse(`Baton failed in a way it should not have: ${String(fault)}. The log in ${data_dir} has more.`)
    })
}

main()
