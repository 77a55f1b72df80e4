import { protocol } from 'electron'
import { uiFolder } from '#http/installation.ts'
import { createUiFiles } from '#http/ui-files.ts'
import { APP_HOST, APP_SCHEME } from './page.ts'

/** Makes `app://` an origin like https (S9). Only before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Serves the built page's files, and nothing outside their folder, with a strict content security policy (S9). */
export function serveAppScheme(): void {
  const files = createUiFiles(uiFolder())
  protocol.handle(APP_SCHEME, async (request) => {
    const { host, pathname } = new URL(request.url)
    if (host !== APP_HOST || request.method !== 'GET' || !files.has(pathname)) {
      return new Response('There is nothing here.\n', { status: 404, headers: { 'content-type': 'text/plain' } })
    }
    return files.serve(pathname)
  })
}
