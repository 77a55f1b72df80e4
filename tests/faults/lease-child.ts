/**
 * Holds a lease for `ttl_ms` while another request waits for it, and tries to prolong it for each line on stdin:
 * `node lease-child.js '{…}'`. Stdout: `held <token>`, `extend <ok or why not>`, `next <token>` when the other one has it.
 */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { createEventLog } from '../../src-main/core/event/event-log.ts'
import { createLeaseStats } from '../../src-main/core/lock/lease-stats.ts'
import { createLeaseStore } from '../../src-main/core/lock/lease-store.ts'
import { createLeases, type LeaseRequest } from '../../src-main/core/lock/leases.ts'
import { processStart } from '../../src-main/core/process/process-start.ts'
import { openStore } from '../../src-main/core/store/store.ts'

export const leaseChildOptions = z.object({ data_dir: z.string(), ttl_ms: z.number() })

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }

function say(line: string): void {
  writeSync(1, `${line}\n`)
}

async function work(): Promise<void> {
  const { data_dir, ttl_ms } = leaseChildOptions.parse(JSON.parse(process.argv[2] ?? ''))
  const opened = openStore(data_dir, () => undefined)
  if (!opened.ok) throw new Error(opened.error.message)
  const store = opened.value
  const leases = createLeases(store, createLeaseStore(store), createLeaseStats(store), createEventLog(store), SILENT)
  const request: LeaseRequest = {
    resource: 'gpu:0',
    owner: 'first',
    purpose: 'images',
    process: { pid: process.pid, started: processStart(process.pid) },
    priority: 1,
    ttl_ms,
    capacity: 1,
  }
  const held = await leases.acquire(request, 0)
  if (!held.ok) throw new Error(held.error.message)
  const { id } = held.value
  say(`held ${held.value.token}`)
  const next = leases.acquire({ ...request, owner: 'second', ttl_ms: null }, 600_000).then((second) => {
    if (second.ok) say(`next ${second.value.token}`)
  })
  for await (const _line of createInterface({ input: process.stdin })) {
    const extended = await leases.extend(id, 'first', ttl_ms)
    say(`extend ${extended.ok ? 'ok' : extended.error.kind}`)
  }
  await next
  leases.close()
  store.close()
}

await work()
