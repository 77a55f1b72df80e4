import { app } from 'electron'

/** The scheme and host of the window's page: an origin of its own, which no web site can have. */
export const APP_SCHEME = 'app'
export const APP_HOST = 'baton'

/** The address of the one page there is. While developing, electron-vite serves it with hot reload. */
export function pageAddress(): string {
  const served = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL']
  return served === undefined ? `${APP_SCHEME}://${APP_HOST}/` : new URL(served).href
}

/** Whether `url` is that page, wherever in it (places in the page are fragments). */
export function isOwnPage(url: string): boolean {
  return url.split('#', 1)[0] === pageAddress()
}
