import { existsSync } from 'node:fs'

/** How tests start Chromium: which one, and with which flags. */
export type ChromiumLaunch = { readonly executablePath?: string; readonly args: string[] }

// Chromium asks Google's hosts at every start; where there is no network that is minutes of refused connections.
const quietFlags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * BATON_CHROMIUM where it is set, else the system's Chromium, else Playwright's own (whose path Playwright knows).
 */
export function chromiumLaunch(): ChromiumLaunch {
  const candidates = [process.env['BATON_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser']
  const executablePath = candidates.find((file) => file !== undefined && existsSync(file))
  // Chromium's sandbox refuses to run as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox', ...quietFlags] : quietFlags
  return executablePath === undefined ? { args } : { executablePath, args }
}
