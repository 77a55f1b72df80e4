import { join } from 'node:path'

/**
 * The command as users start it, built by `scripts/build-once.ts` before the tests: a start from the sources, five
 * hundred files whose types Node takes off each time, costs five times as much.
 */
export const BATON_PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'baton.cjs')

/** What its environment needs, so that no test waits for a build, or has one under its feet. */
export const AS_BUILT = { BATON_SKIP_BUILD: '1' }
