import type * as Electron from 'electron'
import { app } from './app.ts'
import type { WebContents } from './web-contents.ts'

type RequestHandler = Parameters<Electron.Session['setPermissionRequestHandler']>[0]
type CheckHandler = Parameters<Electron.Session['setPermissionCheckHandler']>[0]
type DeviceHandler = Parameters<Electron.Session['setDevicePermissionHandler']>[0]
type BeforeRequest = (
  details: Electron.OnBeforeRequestListenerDetails,
  callback: (response: Electron.CallbackResponse) => void,
) => void

/** Electron's names of what a page may ask for, and Chromium's as Playwright grants them. */
const PERMISSIONS = [
  ['geolocation', 'geolocation'],
  ['notifications', 'notifications'],
  ['media', 'camera'],
  ['midi', 'midi'],
  ['local-network-access', 'local-network-access'],
  ['clipboard-read', 'clipboard-read'],
  ['clipboard-sanitized-write', 'clipboard-write'],
] as const

class Session {
  #request: RequestHandler = null
  #check: CheckHandler = null
  #beforeRequest: BeforeRequest | null = null

  readonly webRequest = {
    onBeforeRequest: (listener: BeforeRequest) => {
      this.#beforeRequest = listener
    },
  }
  setPermissionRequestHandler(handler: RequestHandler): void {
    this.#request = handler
  }
  setPermissionCheckHandler(handler: CheckHandler): void {
    this.#check = handler
  }
  /** Chromium on its own has no devices to give; what was set is kept for a spec to see. */
  devicePermissionHandler: DeviceHandler = null
  setDevicePermissionHandler(handler: DeviceHandler): void {
    this.devicePermissionHandler = handler
  }

  /** The double's own: what the page would be granted, by Chromium's names. Electron grants all where nobody decides. */
  grantedTo(contents: WebContents): string[] {
    const asked = contents as unknown as Electron.WebContents
    return PERMISSIONS.filter(([permission]) => {
      const details = { isMainFrame: true, requestingUrl: contents.getURL() }
      let isGranted = this.#check?.(asked, permission, contents.getURL(), details as never) ?? true
      this.#request?.(asked, permission, (granted) => (isGranted &&= granted), details as never)
      return isGranted
    }).map(([, name]) => name)
  }

  /** The double's own: whether the application lets this request go. */
  lets(details: { url: string; method: string }): boolean {
    let isLet = true
    this.#beforeRequest?.(details as Electron.OnBeforeRequestListenerDetails, ({ cancel }) => (isLet = cancel !== true))
    return isLet
  }
}

const only = new Session()

export const session = {
  get defaultSession(): Session {
    if (!app.isReady()) throw new Error('Session can only be received when app is ready')
    return only
  },
}
