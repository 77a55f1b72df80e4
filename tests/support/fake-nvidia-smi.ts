import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for `PATH` with an `nvidia-smi` that writes this and ends with this code. What it writes can be changed. */
export function fakeNvidiaSmi(output: string, code = 0): { path: string; says(output: string): void } {
  const path = mkdtempSync(join(tmpdir(), 'nvidia-'))
  const says = (text: string): void => writeFileSync(join(path, 'output'), text)
  says(output)
  const program = join(path, 'nvidia-smi')
  // Only what the shell itself has: nothing else is in this path.
  writeFileSync(
    program,
    `#!/bin/sh\nwhile IFS= read -r line; do printf '%s\\n' "$line"; done < '${join(path, 'output')}'\nexit ${code}\n`,
  )
  chmodSync(program, 0o755)
  return { path, says }
}
