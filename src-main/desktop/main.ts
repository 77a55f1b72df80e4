/** Entry of the desktop. Runs to its end before the app is ready, as Electron asks of what must be said by then. */
import { join, resolve } from 'node:path'
import { app, BrowserWindow, dialog, session } from 'electron'
import type { Core, Log } from '#core/core.ts'
import { readConfigFile } from '#http/config-file.ts'
import { readConfiguration } from '#http/configuration.ts'
import { parseEnvironment } from '#http/environment.ts'
import { type HostedCore, makeDataFolder } from '#http/host-core.ts'
import { type EnvironmentHostOptions, openLog } from '#http/host-from-environment.ts'
import { defaultDataFolder } from '#http/installation.ts'
import { serverEnvironment } from '#http/server-environment.ts'
import { registerAppScheme, serveAppScheme } from './app-protocol.ts'
import { HIDDEN } from './autostart-entry.ts'
import { closeOf } from './close-window.ts'
import { accompany, type Companion } from './companion.ts'
import { claimLinks, placeAmong, readLink } from './links.ts'
import { setMenu } from './menu.ts'
import { openCore } from './open-core.ts'
import { servePorts } from './port.ts'
import { quitInOrder } from './quit.ts'
import { confineSession, confineWebContents } from './security.ts'
import { isFirstDesktop } from './single-instance.ts'
import { createMainWindow, type MainWindow } from './window.ts'

/** The same as in the packaging configuration. */
const APP_ID = 'dev.baton.Baton'

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

/** What is known before the application is ready. */
interface Begun {
  readonly options: EnvironmentHostOptions
  readonly log: Log
  readonly window: MainWindow
  /** The place that this start was asked for; null where for none. */
  readonly place: string | null
  onOpen(hosted: HostedCore, companion: Companion): void
}

/** The window opens at once; its calls wait until core is open. A start at login opens none where the tray stands for it. */
async function start({ options, log, window, place, onOpen }: Begun): Promise<void> {
  const opened = Promise.withResolvers<Core>()
  const isHidden = process.argv.includes(HIDDEN)
  servePorts(opened.promise, log)
  confineSession(session.defaultSession)
  serveAppScheme()
  const { data_dir } = options
  setMenu({ data_dir, log_dir: options.configuration.log.folder, go: window.show })
  if (!isHidden) window.show(place)
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) window.show(null)
  })
  const hosted = await openCore(options)
  if (hosted === null) return app.exit(1)
  hosted.core.execute('all')
  opened.resolve(hosted.core)
  const companion = accompany({ core: hosted.core, log, ...window, quit: () => app.quit() })
  onOpen(hosted, companion)
  if (isHidden && !companion.hasTray()) window.show(place)
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
  // By this name Windows knows whose notifications they are.
  app.setAppUserModelId(APP_ID)
  const variable = (name: string): string | undefined => process.env[name]
  const configuration = readConfiguration(environment.value, data_dir, (path) => readConfigFile(path, variable))
  if (!configuration.ok) {
    refuse(configuration.error)
    return
  }

  let hosted: HostedCore | null = null
  let companion: Companion | null = null
  const log = openLog(configuration.value)
  endOnBug(log, data_dir)
  const isFirst = isFirstDesktop((args) => {
    // The one that ends gives its place to the one that was just asked for.
    if (quit.isQuitting()) app.relaunch()
    else if (app.isReady()) window.show(placeAmong(args, log))
  })
  if (!isFirst) {
    app.quit()
    return
  }
  const quit = quitInOrder({ hosted: () => hosted, onEnding: () => companion?.ending() })
  const close = closeOf({
    isQuitting: quit.isQuitting,
    staysInTray: () => companion?.hasTray() === true && hosted?.core.settings.get().desktop_close_to_tray === true,
    marker: join(profile, 'told-about-tray'),
    log,
  })
  const window = createMainWindow(log, close)
  let place = placeAmong(process.argv, log)
  // macOS hands links over by this event, before it is ready too.
  app.on('open-url', (event, link) => {
    event.preventDefault()
    place = readLink(link, log)
    if (place !== null && app.isReady()) window.show(place)
  })
  claimLinks()
  registerAppScheme()
  confineWebContents()
  const service_environment = serverEnvironment(process.env)
  const options = { configuration: configuration.value, data_dir, demo: true, log, service_environment, variable }
  function onOpen(opened: HostedCore, beside: Companion): void {
    hosted = opened
    companion = beside
  }
  void app.whenReady().then(() => start({ options, log, window, place, onOpen }))
}

main()
