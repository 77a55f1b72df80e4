import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { err, ok, type Result } from '#contract/result.ts'
import type { HostProxy } from '../network/host-proxy.ts'
import type { Children } from '../process/children.ts'
import { bubblewrapArguments } from './bubblewrap-arguments.ts'
import { hiddenEntries, MAX_HIDDEN } from './hidden-entries.ts'
import { createProcessCgroup } from './process-cgroup.ts'
import { START_BRIDGE } from './proxy-bridge.ts'
import { renameNew } from './rename-new.ts'
import type { RunningProgram, SandboxedProgram, SandboxLimits } from './sandbox.ts'
import { syscallFilter } from './syscall-filter.ts'
import { watchBounds } from './watch-bounds.ts'

interface Parts {
  readonly children: Pick<Children, 'start'>
  readonly path: string
  readonly node_folder: string | null
  readonly openProxy: ((hosts: readonly string[]) => Promise<HostProxy>) | undefined
}

/** A server of tools lives for hours: what a look costs the main loop must not add up. */
const LOOK_MS = 2_000
const FILTER_FD = 9
const ARGUMENTS_FD = 8
const LIMITS: SandboxLimits = {
  time_ms: 24 * 3_600_000,
  memory_bytes: 2 * 1_073_741_824,
  processes: 128,
  file_bytes: 1_073_741_824,
  disk_bytes: 4 * 1_073_741_824,
  output_characters: 0,
}
/** The filter and the arguments come from files that are gone before the program begins; its input is its own. */
const FROM_FILES = `[ -z "$1" ] || echo $$ > "$1/cgroup.procs" || exit; exec ${FILTER_FD}<"$2/filter" ${ARGUMENTS_FD}<"$2/args"; rm -rf "$2"; shift 2; exec "$@"`

/**
 * Starts a program in the same sandbox as commands have (T7), with its own input and output. Its environment is handed over
 * in a file: on a command line, every user of this machine could read it. What it makes under forbidden names gets other
 * names when it has ended.
 */
export async function startSandboxed(parts: Parts, asked: SandboxedProgram): Promise<Result<RunningProgram, string>> {
  const { children, path, node_folder, openProxy } = parts
  const { argv, env, workspace, folders, hosts, what, project_id, run_id } = asked
  const hidden = await hiddenEntries(workspace)
  if (hidden.length > MAX_HIDDEN) return err(`the workspace has more than ${MAX_HIDDEN} entries to be hidden from it`)
  const proxy = hosts.length > 0 && openProxy !== undefined ? await openProxy(hosts) : null
  const filter = syscallFilter(process.arch, proxy === null ? 'without' : 'with')
  if (filter === null) throw new Error('A sandbox without a filter was found')
  const folder = await mkdtemp(join(tmpdir(), 'baton-program-'))
  const shape = {
    workspace,
    hidden,
    limits: LIMITS,
    node_folder,
    filter_fd: FILTER_FD,
    proxy_socket: proxy?.socket,
    own_errors: true,
  }
  const lines = [
    ...bubblewrapArguments(shape, folders),
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
  ]
  const bounds = ['--core=0', '--nofile=4096', `--fsize=${LIMITS.file_bytes}`, `--nproc=${LIMITS.processes}`]
  const begin = `${proxy === null ? '' : START_BRIDGE}\nexec "$@"`
  const cgroup = createProcessCgroup(LIMITS.processes)
  const tidy = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true })
    await proxy?.close()
    await cgroup?.remove()
  }
  const start = async (): ReturnType<Children['start']> => {
    await writeFile(join(folder, 'filter'), filter, { mode: 0o600 })
    await writeFile(join(folder, 'args'), `${lines.join('\0')}\0`, { mode: 0o600 })
    return children.start({
      program: '/bin/sh',
      args: [
        ...['-c', FROM_FILES, 'sh', cgroup?.folder ?? '', folder, 'bwrap', '--args', String(ARGUMENTS_FD), '--'],
        ...['/bin/sh', '-c', begin, 'sh', 'prlimit', ...bounds, '--', ...argv],
      ],
      ...{ cwd: '/', env: { PATH: path }, what, project_id, run_id },
    })
  }
  // Its environment, secrets too, lies in that folder: it goes whatever stops the start, a full disk or a bug.
  const started = await start().catch(async (cause: unknown) => {
    await tidy()
    throw cause
  })
  if (!started.ok) {
    await tidy()
    return started
  }
  const child = started.value
  const ended = once(child.process, 'close')
  const kill = (): Promise<unknown> => {
    child.process.kill('SIGKILL')
    return child.end()
  }
  const watched = watchBounds(
    {
      pid: child.process.pid ?? 0,
      workspace,
      limits: LIMITS,
      signal: new AbortController().signal,
      look_ms: LOOK_MS,
    },
    ended,
    kill,
    // What cannot be watched does not go on.
  ).catch(kill)
  const closed = Promise.allSettled([ended, watched])
    .then(tidy)
    .then(() => renameNew(workspace, hidden))
    .then(() => undefined)
  return ok({
    child,
    closed,
    async end() {
      await kill()
      await closed
    },
  })
}
