/** What the window may not do (S9): go elsewhere, open anything, ask for a device, load from the network. */
import { app, type Session } from 'electron'
import { developmentServer, isOwnPage } from './page.ts'

/** The page copies text into the clipboard when a button is pressed; it can never read it. */
const GRANTED: ReadonlySet<string> = new Set(['clipboard-sanitized-write'])

/** What the page is made of: its own files, and what it made itself. */
const LOCAL_SCHEMES: ReadonlySet<string> = new Set(['app:', 'blob:', 'data:', 'devtools:'])

/** Keeps every page that is ever made to the one it shows. */
export function confineWebContents(): void {
  app.on('web-contents-created', (_, contents) => {
    contents.on('will-frame-navigate', (event) => {
      // A reload of the page itself is a navigation too.
      if (!event.isMainFrame || !isOwnPage(event.url)) event.preventDefault()
    })
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  })
}

function isLocal(url: string): boolean {
  const { protocol, host } = new URL(url)
  return LOCAL_SCHEMES.has(protocol) || host === developmentServer()?.host
}

/** Denies permissions, devices and every request that leaves this machine's own files. */
export function confineSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) => {
    answer(GRANTED.has(permission) && isOwnPage(contents.getURL()))
  })
  session.setPermissionCheckHandler(
    (contents, permission) => GRANTED.has(permission) && contents !== null && isOwnPage(contents.getURL()),
  )
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest((request, answer) => answer({ cancel: !isLocal(request.url) }))
}
