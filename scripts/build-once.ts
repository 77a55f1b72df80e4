import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/**
 * Builds `out/` once before the tests where it is stale, and keeps it still while they run: an edit during the run
 * does not rebuild it under the processes that the tests started. A failed build does not stop the tests that need
 * none; the launcher tries again for those that do, and they fail with the build's reason.
 */
export default function buildOnce(): void {
  const build = spawnSync(process.execPath, [join(import.meta.dirname, 'build.ts'), '--if-stale'], {
    stdio: ['ignore', 2, 2],
  })
  if (build.status === 0) process.env['BATON_SKIP_BUILD'] = '1'
  else process.stderr.write('The build failed, so the tests of the built program will fail; the reason stands above.\n')
}
