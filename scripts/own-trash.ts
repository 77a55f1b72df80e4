import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Gives all tests a trash of their own, so that nothing of theirs lands in that of whoever runs them. For all at once,
 * because the library for the trash reads where it is when it is loaded, and tests that share a process load it once.
 */
export default function ownTrash(): () => void {
  const home = mkdtempSync(join(tmpdir(), 'baton-test-home-'))
  process.env['XDG_DATA_HOME'] = home
  return () => rmSync(home, { recursive: true, force: true })
}
