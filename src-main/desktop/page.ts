import { app } from 'electron'

/** The scheme and host of the window's page: an origin of its own, which no web site can have. */
export const APP_SCHEME = 'app'
export const APP_HOST = 'baton'

/** Where electron-vite serves the page with hot reload while developing; null in every other case. */
export function developmentServer(): URL | null {
  const served = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL']
  return served === undefined ? null : new URL(served)
}

/** The address of the one page there is. */
export function pageAddress(): string {
  return developmentServer()?.href ?? `${APP_SCHEME}://${APP_HOST}/`
}

/** Whether `url` is that page, wherever in it (places in the page are fragments). */
export function isOwnPage(url: string): boolean {
  return url.split('#', 1)[0] === pageAddress()
}
