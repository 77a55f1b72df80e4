import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ok, type Result } from '#contract/result.ts'
import { type Listener, listen, type Served } from './listen.ts'

/** The shortest limit of the systems we run on is 104 bytes with the closing zero (macOS). */
const MAX_SOCKET_PATH = 100

/** A path for the socket and the folder that was made for it alone, where one was. */
function socketPath(dataDir: string): { path: string; folder: string | null } {
  if (process.platform === 'win32') {
    const name = createHash('sha256').update(dataDir.toLowerCase()).digest('hex').slice(0, 32)
    return { path: `\\\\.\\pipe\\baton-${name}`, folder: null }
  }
  const path = join(dataDir, 'core.sock')
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return { path, folder: null }
  // A new folder (0700) each time: nobody else can put a socket of theirs where clients will look.
  const folder = mkdtempSync(join(tmpdir(), 'baton-'))
  return { path: join(folder, 'core.sock'), folder }
}

export interface PrivateSocket extends Pick<Listener, 'close'> {
  readonly path: string
}

/**
 * Serves `app` on a socket that only this user can open; call it only while holding the folder's core lock. A socket
 * left by a killed core is replaced. Where the folder's path is too long for a socket, it lies in the temporary folder.
 */
export async function openPrivateSocket(app: Served, dataDir: string): Promise<Result<PrivateSocket, string>> {
  const { path, folder } = socketPath(dataDir)
  const isFile = process.platform !== 'win32'
  if (isFile) rmSync(path, { force: true })
  const listener = await listen(app, { path })
  if (!listener.ok) return listener
  if (isFile) chmodSync(path, 0o600)
  return ok({
    path,
    async close() {
      await listener.value.close()
      if (folder !== null) rmSync(dirname(path), { recursive: true, force: true })
    },
  })
}
