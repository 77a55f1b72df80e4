import type * as Electron from 'electron'
import { app } from './app.ts'

/** How the double's Chromium, which refuses `app://` before it can be intercepted, knows the origin `app://baton`. */
const SHOWN = 'http://baton.localhost'
const SCHEME = 'app'
const OWN = `${SCHEME}://baton`

export function shownUrl(url: string): string {
  return url.startsWith(`${OWN}/`) ? SHOWN + url.slice(OWN.length) : url
}

export function ownUrl(url: string): string {
  return url.startsWith(`${SHOWN}/`) ? OWN + url.slice(SHOWN.length) : url
}

type Handler = (request: Request) => Response | Promise<Response>

const privileged = new Set<string>()
const handlers = new Map<string, Handler>()

export const protocol = {
  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    if (app.isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    for (const { scheme, privileges } of schemes) if (privileges?.standard === true) privileged.add(scheme)
  },
  handle(scheme: string, handler: Handler): void {
    if (!app.isReady()) throw new Error('protocol.handle can only be used after app is ready')
    // Without the privilege a page there has no origin, and neither modules nor storage.
    if (!privileged.has(scheme)) throw new Error(`${scheme}: was not registered as a standard scheme`)
    handlers.set(scheme, handler)
  },
} satisfies Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle'>

/** The answer of the application's own protocol; null where it has none for this address. */
export async function answerOf(url: string, method: string): Promise<Response | null> {
  const handler = handlers.get(new URL(url).protocol.slice(0, -1))
  return handler === undefined ? null : handler(new Request(url, { method }))
}
