import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Enough for Node, and for a few threads beside it. */
const THREADS = 40

// The limit counts all that a user runs: only the superuser can take one for this of whom nothing else runs.
test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
  'D4 K1 where the system gives no thread, every question is refused, and asked again when it does',
  () => {
    const program = join(import.meta.dirname, 'few-threads-ask.ts')
    const printed = execFileSync('prlimit', [`--nproc=${THREADS}`, process.execPath, program], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    const refused = { ok: false, error: { kind: 'broken', message: expect.stringContaining('gave no thread') } }
    expect(JSON.parse(printed)).toEqual({ meanwhile: [refused, refused], afterwards: { ok: true, value: 4 } })
  },
  90_000,
)
