/** Entry of the desktop. Runs to its end before the app is ready, as Electron asks of what must be said by then. */
import { join, resolve } from 'node:path'
import { app, BrowserWindow, dialog, Menu, session } from 'electron'
import type { Core, Log } from '#core/core.ts'
import { parseEnvironment } from '#http/environment.ts'
import { type HostedCore, makeDataFolder } from '#http/host-core.ts'
import { type EnvironmentHostOptions, logFromEnvironment } from '#http/host-from-environment.ts'
import { defaultDataFolder } from '#http/installation.ts'
import { serverEnvironment } from '#http/server-environment.ts'
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

/** Electron would show a bug, or only log it, and go on with a core that may have lost its order. */
function endOnBug(log: Log, dataDir: string): void {
  const end = (fault: unknown) => {
    const { message, stack } = fault instanceof Error ? fault : { message: String(fault), stack: undefined }
    log.error('the desktop ended by a bug', { error: stack ?? message })
    dialog.showErrorBox(
      'Baton must end',
      `Baton failed in a way it should not have: ${message}. Nothing that was finished is lost; start it again. The log in ${dataDir} has more; please report it.`,
    )
    app.exit(1)
  }
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
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
  endOnBug(log, data_dir)
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
  const service_environment = serverEnvironment(process.env)
  const variable = (name: string): string | undefined => process.env[name]
  const options = { environment: environment.value, data_dir, demo: true, log, service_environment, variable }
  void app.whenReady().then(() => start(options, log, (opened) => (hosted = opened)))
}

main()
