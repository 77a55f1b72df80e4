import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { parseStat } from '../process/process-stat.ts'

/** What bubblewrap said on its standard error: its status as lines of JSON (`--json-status-fd 2`), and its complaints. */
export interface BubblewrapStatus {
  /** The first process of the sandbox, as this system numbers it. */
  readonly first_process: number | null
  /** Null where the command did not come to its end. */
  readonly exit_code: number | null
  readonly complaint: string
}

const line = z.object({ 'child-pid': z.int().optional(), 'exit-code': z.int().optional() })
const LOOK_MS = 5

/** The command itself writes elsewhere, so all of this is bubblewrap's own. */
export async function readStatus(stream: Readable): Promise<BubblewrapStatus> {
  const lines = (await text(stream)).split('\n')
  const said = lines.filter((each) => each.startsWith('{')).map((each) => line.parse(JSON.parse(each)))
  return {
    first_process: said.find((each) => each['child-pid'] !== undefined)?.['child-pid'] ?? null,
    exit_code: said.find((each) => each['exit-code'] !== undefined)?.['exit-code'] ?? null,
    complaint: lines
      .filter((each) => !each.startsWith('{'))
      .join('\n')
      .trim(),
  }
}

/**
 * Waits until a sandbox's first process is gone. The kernel lets it go only after all others of the sandbox; bubblewrap
 * itself ends a little earlier, and its death is what kills them.
 */
export async function gone(pid: number): Promise<void> {
  while (isThere(pid)) await sleep(LOOK_MS)
}

function isThere(pid: number): boolean {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.is_dead === false
  } catch {
    return false
  }
}
