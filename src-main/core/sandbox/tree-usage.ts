import { readFileSync } from 'node:fs'
import { runningProcesses } from '../process/process-table.ts'

/** What the processes that descend from `pid` use together, itself included. Pages that they share count several times. */
export function treeUsage(pid: number): { processes: number; memory_bytes: number } {
  const children = new Map<number, number[]>()
  for (const each of runningProcesses()) {
    const siblings = children.get(each.parent)
    if (siblings === undefined) children.set(each.parent, [each.pid])
    else siblings.push(each.pid)
  }
  let processes = 0
  let memory_bytes = 0
  const open = [pid]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    processes += 1
    memory_bytes += residentBytes(next)
    open.push(...(children.get(next) ?? []))
  }
  return { processes, memory_bytes }
}

function residentBytes(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '0'
    return Number(kib) * 1_024
  } catch {
    // It has ended meanwhile.
    return 0
  }
}
