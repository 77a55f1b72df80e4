import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

function fromProc(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name before it may hold spaces and brackets; starttime is the 22nd field of the line, the 20th after the name.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

/**
 * When process `pid` started, in the system's own spelling (clock ticks since boot on Linux, a date elsewhere), or null
 * where there is no such process or nobody can tell. With the pid it names one process for good, as pids are reused.
 */
export function processStart(pid: number): string | null {
  try {
    if (process.platform === 'linux') return fromProc(pid)
    if (process.platform === 'win32') return null
    const answer = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C' } })
    return answer.trim() || null
  } catch {
    // No such process: what both ways answer with an error.
    return null
  }
}
