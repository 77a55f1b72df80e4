/**
 * Brings the programs that the tests use for real (a browser, git, a sandbox, a keychain). Tests that need an absent one are
 * skipped with that reason, never silently passed.
 */
import { ensurePrograms } from './ensure-programs.ts'

/** Program → the Debian package that has it. */
const programs: ReadonlyMap<string, string> = new Map([
  ['chromium', 'chromium'],
  ['rg', 'ripgrep'],
  ['git', 'git'],
  ['bwrap', 'bubblewrap'],
  ['socat', 'socat'],
  ['dbus-run-session', 'dbus'],
  ['gnome-keyring-daemon', 'gnome-keyring'],
  ['Xvfb', 'xvfb'],
  ['fiu-run', 'fiu-utils'],
  ['faketime', 'faketime'],
])

/** Installs what is missing; returns the packages that are missing still. */
export function ensureTestTools(): string[] {
  return ensurePrograms(programs, 'the tests')
}

if (import.meta.main) ensureTestTools()
