import { existsSync } from 'node:fs'

/** What gives a process a clock of its own; undefined where this machine has none. */
const FAKETIME = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
].find((path) => existsSync(path))

export const hasFakeClock = FAKETIME !== undefined
/** For the title of tests that need one. */
export const NO_FAKE_CLOCK = hasFakeClock
  ? ''
  : ' (skipped: libfaketime is missing; on Debian: apt-get install faketime)'

/** The environment of a process whose clock is what `file` says: `@2026-01-31 23:59:58`, or an offset such as `+2h`. */
export function fakeClock(file: string, zone = 'UTC'): Readonly<Record<string, string>> {
  return {
    TZ: zone,
    LD_PRELOAD: FAKETIME ?? '',
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    // As on a real machine: a clock that is set does not move the one that timers run by.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  }
}
