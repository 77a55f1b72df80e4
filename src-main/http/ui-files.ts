import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'

/**
 * Scripts only from files of this server. Styles may be inline because the dialogs' library puts its scroll lock
 * into the page as a style element; a style cannot call anything while `connect-src` and `img-src` stay closed.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.json': 'application/json',
  '.map': 'application/json',
}

/** The built UI. Addresses inside it are hash routes, so `/` and the files are all there is. */
export interface UiFiles {
  has(path: string): boolean
  serve(path: string): Promise<Response>
}

function fileOf(folder: string, path: string): string | null {
  if (path === '/') return join(folder, 'index.html')
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return null
  }
  const file = resolve(folder, `.${decoded}`)
  if (decoded.includes('\0') || !file.startsWith(folder + sep)) return null
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null
}

/** `folder` holds `index.html`; absent (not built): `/` says so. */
export function createUiFiles(folder: string): UiFiles {
  const root = resolve(folder)
  return {
    has: (path) => path === '/' || fileOf(root, path) !== null,
    async serve(path) {
      const file = fileOf(root, path)
      const headers = {
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      }
      if (file === null || statSync(file, { throwIfNoEntry: false }) === undefined) {
        return new Response('The UI is not built. Run "npm run build" in the checkout and reload this page.\n', {
          status: 503,
          headers: { ...headers, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
        })
      }
      const isPage = extname(file) === '.html'
      // Built files carry a hash of their content in their names; the page that names them does not.
      const cache = isPage
        ? 'no-store'
        : path.startsWith('/assets/')
          ? 'public, max-age=31536000, immutable'
          : 'no-cache'
      const body = await readFile(file)
      return new Response(new Uint8Array(body), {
        headers: {
          ...headers,
          'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
          'cache-control': cache,
        },
      })
    },
  }
}
