import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '#contract/result.ts'
import { openAccessToken } from '#http/access-token.ts'
import { createApp } from '#http/create-app.ts'
import type { HostedCore } from '#http/host-core.ts'
import { batonVersion, uiFolder } from '#http/installation.ts'
import { type Listener, listen } from '#http/listen.ts'

export interface ServedUi {
  /** Without a secret: may be shown and logged. */
  readonly url: string
  /** Opens the UI with its login; for the user's eyes only. */
  readonly link: string
  readonly token_file: string
  readonly listener: Listener
}

/** Serves REST, streams and UI of a core of this process on loopback (A1). `port` 0 takes a free one. */
export async function serveUi(
  hosted: HostedCore,
  options: { data_dir: string; port: number; allowed_origins?: readonly string[] | undefined },
): Promise<Result<ServedUi, string>> {
  const access = openAccessToken(options.data_dir)
  if (!access.ok) return access
  hosted.log?.hide(access.value.token)
  const app = createApp({
    core: hosted.core,
    version: batonVersion(),
    token: access.value.token,
    ui_dir: uiFolder(),
    allowed_origins: options.allowed_origins,
    log: hosted.log,
  })
  const listener = await listen(app, { port: options.port })
  if (!listener.ok) return err(listener.error)
  const url = `http://127.0.0.1:${listener.value.port}`
  // Scripts find a free port here, beside the token.
  writeFileSync(join(options.data_dir, 'port'), `${listener.value.port}\n`, { mode: 0o600 })
  return ok({
    url,
    link: `${url}/#token=${access.value.token}`,
    token_file: access.value.file,
    listener: listener.value,
  })
}

/** Opens an address in the user's browser where there is one; says nothing where there is none. */
export function openBrowser(link: string): void {
  const [command, ...args] = { darwin: ['open'], win32: ['rundll32', 'url.dll,FileProtocolHandler'] }[
    process.platform as string
  ] ?? ['xdg-open']
  if (command === undefined) return
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return
  const opener = spawn(command, [...args, link], { stdio: 'ignore', detached: true })
  // No browser: the address stands on the screen anyway.
  opener.on('error', () => undefined)
  opener.unref()
}
