import { randomBytes } from 'node:crypto'

const PREFIX = '.baton-tmp-'
const SHAPE = /^\.baton-tmp-(\d{1,10})-[0-9a-f]{16}$/
/** After this long no write is still under way, whoever has the process id now. */
const ABANDONED_MS = 3_600_000

/** Names that writes of this process use right now, in any workspace. */
const inUse = new Set<string>()

/** Whether a name is reserved for files that a write has not finished. Such names are neither listed nor accepted. */
export function isTemporary(name: string): boolean {
  return name.toLowerCase().startsWith(PREFIX)
}

/** Runs `use` with a fresh name, which counts as in use until it ends. */
export async function withTemporaryName<T>(use: (name: string) => Promise<T>): Promise<T> {
  const name = `${PREFIX}${process.pid}-${randomBytes(8).toString('hex')}`
  inUse.add(name)
  try {
    return await use(name)
  } finally {
    inUse.delete(name)
  }
}

/** Whether the file with this name was left behind by a write that can no longer finish. `age_ms` since its last change. */
export function isAbandoned(name: string, age_ms: number): boolean {
  const match = SHAPE.exec(name)
  if (match === null || inUse.has(name)) return false
  const pid = Number(match[1])
  return pid === process.pid || age_ms > ABANDONED_MS || !isAlive(pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Denied means that it lives and belongs to someone else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
