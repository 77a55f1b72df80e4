import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parseStat } from './process-stat.ts'

function fromProc(pid: number): string | null {
  const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  return stat === null || stat.is_dead ? null : stat.started
}

/**
 * When process `pid` started, in the system's own spelling (clock ticks since boot on Linux, a date elsewhere), or null
 * where there is no such process or nobody can tell. With the pid it names one process for good, as pids are reused. A
 * process that has ended and only waits for its parent to look (a zombie) is none.
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
