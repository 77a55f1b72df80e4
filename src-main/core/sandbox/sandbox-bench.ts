import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { NetworkDoor } from '../core.ts'
import { openHostProxy } from '../network/host-proxy.ts'
import { createReach } from '../network/reach.ts'
import { createChildren } from '../process/children.ts'
import { processStart } from '../process/process-start.ts'
import { storeBench } from '../store/store-bench.ts'
import { createLinuxSandbox } from './linux-sandbox.ts'
import { findSandbox } from './probe-sandbox.ts'
import { type CommandEnd, DEFAULT_LIMITS, type Sandbox, type SandboxLimits } from './sandbox.ts'

export interface SandboxBench {
  /** Outside of the workspace, beside it. */
  readonly outside: string
  readonly workspace: string
  readonly sandbox: Sandbox
  /** How many children are on record. */
  records(): number
  /** Throws where the command was not begun. */
  run(command: string, limits?: Partial<SandboxLimits>, signal?: AbortSignal): Promise<CommandEnd>
}

/** Why no sandbox can be made on this machine; null where one can. */
export async function whyNoSandboxHere(): Promise<string | null> {
  const { path, program } = where()
  return (await findSandbox(path, program)).fault
}

/** A sandbox over a real store, with a workspace in a folder of its own. `under`: where that folder is made; `net`: whom commands may reach. */
export async function sandboxBench(
  under: string = tmpdir(),
  net: { readonly hosts: readonly string[]; readonly door?: NetworkDoor } = { hosts: [] },
): Promise<SandboxBench> {
  const { store, events } = storeBench()
  const self = { pid: process.pid, started: processStart(process.pid) }
  const log = { info: () => undefined, warn: console.warn, error: console.error }
  const children = createChildren(store, events, self, log, () => undefined)
  const sandbox = createLinuxSandbox({
    ...{ children, ...where() },
    openProxy: (hosts) => openHostProxy(hosts, createReach(net.door)),
  })
  await sandbox.look()
  const outside = mkdtempSync(join(under, 'baton-escape-'))
  onTestFinished(() => rmSync(outside, { recursive: true, force: true }))
  const workspace = join(outside, 'workspace')
  mkdirSync(workspace)
  const count = store.sqlite.prepare<[], number>('SELECT count(*) FROM child_process').pluck()
  return {
    ...{ outside, workspace, sandbox },
    records: () => count.get() ?? -1,
    async run(command, limits = {}, signal = new AbortController().signal) {
      const ended = await sandbox.run({
        ...{ command, workspace, signal, project_id: null, run_id: null, hosts: net.hosts },
        limits: { ...DEFAULT_LIMITS, ...limits },
      })
      if (!ended.ok) throw new Error(ended.error)
      return ended.value
    },
  }
}

function where(): { path: string; program: string } {
  return { path: '/usr/local/bin:/usr/bin:/bin', program: process.execPath }
}
