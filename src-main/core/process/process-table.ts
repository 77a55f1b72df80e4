import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { parseStat } from './process-stat.ts'

export interface RunningProcess {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** As `processStart` spells it. */
  readonly started: string
}

/** Every process that runs now. None on Windows, where nothing tells a start time without a helper. */
export function runningProcesses(): RunningProcess[] {
  if (process.platform === 'linux') return fromProc()
  return process.platform === 'win32' ? [] : fromPs()
}

/**
 * Whether a process was started with exactly this entry (`NAME=value`) in its environment. Children inherit it, also those
 * that leave their group. Only Linux tells; elsewhere, and for processes of other users, the answer is no.
 */
export function startedWith(pid: number, entry: string): boolean {
  if (process.platform !== 'linux') return false
  return (readIfThere(`/proc/${pid}/environ`) ?? '').split('\0').includes(entry)
}

function fromProc(): RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = parseStat(readIfThere(`/proc/${name}/stat`) ?? '')
      if (stat === null || stat.is_dead) return []
      return [{ pid: Number(name), parent: stat.parent, group: stat.group, started: stat.started }]
    })
}

function fromPs(): RunningProcess[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,pgid=,stat=,lstart='], {
    encoding: 'utf8',
    env: { LC_ALL: 'C' },
  })
  return lines.split('\n').flatMap((line) => {
    const [, pid, parent, group, state = '', started = ''] = /^ *(\d+) +(\d+) +(\d+) +(\S+) +(.*?) *$/.exec(line) ?? []
    if (pid === undefined || state.startsWith('Z')) return []
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), started }]
  })
}

/** Null where the process has ended meanwhile, or belongs to somebody else. */
function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
