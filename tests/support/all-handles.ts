import { closeSync, openSync } from 'node:fs'

/** Opens files until no other can be opened; how many may be, whoever starts the process says by `ulimit -n`. */
export function openAll(): number[] {
  const handles: number[] = []
  try {
    for (;;) handles.push(openSync('/dev/null', 'r'))
  } catch {
    return handles
  }
}

export function closeAll(handles: readonly number[]): void {
  for (const handle of handles) closeSync(handle)
}
