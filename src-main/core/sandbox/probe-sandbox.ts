import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Finding, isPassing } from '../finder.ts'
import { createBoundedOutput } from './bounded-output.ts'
import { boundedCommand, bubblewrapArguments, nodeFolder } from './bubblewrap-arguments.ts'
import { readStatus } from './bubblewrap-status.ts'
import { DEFAULT_LIMITS } from './sandbox.ts'
import { syscallFilter } from './syscall-filter.ts'

/** The descriptor from which bubblewrap reads the filter of system calls. */
export const FILTER_FD = 9
/**
 * Goes into the control group that is named first, if any. The filter comes on standard input, behind what the gate of
 * `children.ts` reads; the command gets none.
 */
export const WITH_FILTER = `[ -z "$1" ] || echo $$ > "$1/cgroup.procs" || exit; shift; exec ${FILTER_FD}<&0 </dev/null; exec "$@"`
/** Says a word only where the system's secrets are absent and the kernel's switches are out of reach. */
const PROBE = '[ ! -e /etc/shadow ] && [ ! -w /proc/sys/kernel/core_pattern ] && [ ! -w / ] && echo held'
const PROBE_MS = 10_000
const HOW_TO_GET =
  'Install bubblewrap 0.7 or newer (Debian, Ubuntu: apt install bubblewrap) and let ordinary users make namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0 where it is 1), then start Baton again.'

/**
 * Whether commands can be run on this machine, shown by one that is. `path`: where bubblewrap is looked for; `program`: the
 * one that runs this process.
 */
export async function findSandbox(path: string, program: string): Promise<Finding> {
  const filter = process.platform === 'linux' ? syscallFilter(process.arch) : null
  if (process.platform !== 'linux' || filter === null) {
    const fault = `Commands cannot be run: Baton has no sandbox for ${process.platform} on ${process.arch}, and runs none without one. Leave out what needs commands, or use Linux on x64 or arm64.`
    return { fault, passing: false }
  }
  let workspace: string | null = null
  try {
    workspace = await mkdtemp(join(tmpdir(), 'baton-sandbox-'))
    const shape = {
      workspace,
      hidden: [],
      limits: DEFAULT_LIMITS,
      node_folder: nodeFolder(program),
      filter_fd: FILTER_FD,
    }
    const line = ['bwrap', ...bubblewrapArguments(shape), '--', ...boundedCommand(PROBE, '/bin/sh', DEFAULT_LIMITS)]
    const child = spawn('/bin/sh', ['-c', WITH_FILTER, 'sh', '', ...line], {
      cwd: '/',
      env: { PATH: path },
      timeout: PROBE_MS,
      killSignal: 'SIGKILL',
    })
    // It has no streams where there was no handle for them.
    if (child.pid === undefined) throw (await once(child, 'error'))[0]
    const output = createBoundedOutput(2_000)
    child.stdout.on('data', output.add)
    const status = readStatus(child.stderr)
    child.stdin.on('error', () => undefined)
    child.stdin.end(filter)
    await once(child, 'close')
    if (output.text() === 'held\n') return { fault: null, passing: false }
    return missing(new Error((await status).complaint || 'it does not hold what it should'))
  } catch (cause) {
    return missing(cause)
  } finally {
    if (workspace !== null) await rmdir(workspace)
  }
}

function missing(cause: unknown): Finding {
  const passing = isPassing(cause)
  const why = cause instanceof Error ? cause.message : String(cause)
  const advice = passing ? 'Baton tries it again when it is needed next.' : HOW_TO_GET
  return { fault: `Commands cannot be run, because no sandbox could be made: ${why}. ${advice}`, passing }
}
