import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '#contract/result.ts'
import { createFinder, type Finder } from '../finder.ts'
import type { HostProxy } from '../network/host-proxy.ts'
import type { Child, Children } from '../process/children.ts'
import { inTurn } from '../tool/in-turn.ts'
import { createBoundedOutput } from './bounded-output.ts'
import { boundedCommand, bubblewrapArguments, nodeFolder } from './bubblewrap-arguments.ts'
import { gone, readStatus } from './bubblewrap-status.ts'
import { type HiddenEntry, hiddenEntries, MAX_HIDDEN } from './hidden-entries.ts'
import { FILTER_FD, findSandbox, WITH_FILTER } from './probe-sandbox.ts'
import { createProcessCgroup, removeLeftCgroups } from './process-cgroup.ts'
import { START_BRIDGE } from './proxy-bridge.ts'
import { renameNew } from './rename-new.ts'
import type { CommandEnd, Sandbox, SandboxCommand } from './sandbox.ts'
import { startSandboxed } from './sandbox-program.ts'
import { syscallFilter } from './syscall-filter.ts'
import { watchBounds } from './watch-bounds.ts'

export interface SandboxParts {
  readonly children: Pick<Children, 'start'>
  /** Lets a command reach hosts; absent: none does. */
  readonly openProxy?: (hosts: readonly string[]) => Promise<HostProxy>
  /** Where bubblewrap and socat are looked for. */
  readonly path: string
  /** The program that runs this process. */
  readonly program: string
}

/** A sandbox that has to be looked for before it is there: by running one that it holds. */
export type FoundSandbox = Sandbox & Finder

/**
 * The sandbox of Linux: bubblewrap with arguments and a filter of system calls of our own. One command at a time in each
 * workspace, so that nothing moves between the look at what is to be hidden and the mounts that hide it.
 */
export function createLinuxSandbox({ children, path, program, openProxy }: SandboxParts): FoundSandbox {
  const node_folder = nodeFolder(program)
  const finder = createFinder(
    'Whether commands can be run in a sandbox is not known yet. Try again in a moment.',
    () => {
      removeLeftCgroups()
      return findSandbox(path, program)
    },
  )

  async function begin(asked: SandboxCommand): Promise<Result<CommandEnd, string>> {
    const { workspace, signal, hosts = [] } = asked
    if (signal.aborted) {
      return ok({
        ...{ ended_by: 'cancelled', exit_code: null, output: '', duration_ms: 0, renamed: [], network: null },
      })
    }
    const hidden = await hiddenEntries(workspace)
    if (hidden.length > MAX_HIDDEN) {
      return err(
        `The command was not run: the workspace has more than ${MAX_HIDDEN} entries that must be hidden from it (names of secrets, sockets, files with several names). Move them out of the workspace.`,
      )
    }
    const wanted = hosts.length > 0 && openProxy !== undefined
    const absent = wanted && !isOnPath('socat', path) ? NO_SOCAT : null
    const proxy = wanted && absent === null ? await openProxy(hosts) : null
    try {
      const ended = await carryOut(asked, hidden, proxy?.socket)
      if (!ended.ok) return ended
      const network = wanted ? { ...(proxy?.asked() ?? { reached: [], refused: [] }), absent } : null
      return ok({ ...ended.value, network, renamed: await renameNew(workspace, hidden) })
    } finally {
      await proxy?.close()
    }
  }

  async function carryOut(
    asked: SandboxCommand,
    hidden: readonly HiddenEntry[],
    proxy_socket: string | undefined,
  ): Promise<Result<Ended, string>> {
    const { command, workspace, limits, project_id, run_id } = asked
    const sent = syscallFilter(process.arch, proxy_socket === undefined ? 'without' : 'with')
    if (sent === null) throw new Error('A sandbox without a filter was found')
    const shape = { workspace, hidden, limits, node_folder, filter_fd: FILTER_FD, proxy_socket }
    const cgroup = createProcessCgroup(limits.processes)
    const started = await children.start({
      program: '/bin/sh',
      args: [
        ...['-c', WITH_FILTER, 'sh', cgroup?.folder ?? '', 'bwrap', ...bubblewrapArguments(shape), '--'],
        ...boundedCommand(command, '/bin/bash', limits, proxy_socket === undefined ? '' : START_BRIDGE),
      ],
      cwd: '/',
      env: { PATH: path },
      what: `a command in the sandbox (${command.slice(0, 60)})`,
      ...{ project_id, run_id, patient: true },
    })
    if (!started.ok) {
      await cgroup?.remove()
      return started
    }
    started.value.process.stdin.end(sent)
    const ended = await follow(started.value, asked)
    await cgroup?.remove()
    return ended
  }

  return {
    get unavailable() {
      return finder.unavailable
    },
    look: finder.look,
    needed: finder.needed,
    async run(asked) {
      await finder.needed()
      if (finder.unavailable !== null) return err(finder.unavailable)
      return inTurn(asked.workspace, '\0command', () => begin(asked))
    },
    async start(asked) {
      await finder.needed()
      if (finder.unavailable !== null) return err(finder.unavailable)
      if (asked.hosts.length > 0 && !isOnPath('socat', path)) return err(NO_SOCAT)
      return startSandboxed({ children, path, node_folder, openProxy }, asked)
    },
  }
}

type Ended = Omit<CommandEnd, 'renamed' | 'network'>

/** Between two looks at a command's bounds. */
const LOOK_MS = 100
const NO_SOCAT =
  'The plan names hosts, but none could be reached: socat is not installed. Install it (Debian, Ubuntu: apt install socat).'

function isOnPath(name: string, path: string): boolean {
  return path.split(':').some((folder) => folder !== '' && existsSync(join(folder, name)))
}

/** The sandbox dies with bubblewrap, at once; only then is looked for what might be left. */
function kill(child: Child): Promise<unknown> {
  child.process.kill('SIGKILL')
  return child.end()
}

/** Takes its output and waits for its end, or ends it where it goes beyond a bound. */
async function follow(child: Child, { workspace, limits, signal }: SandboxCommand): Promise<Result<Ended, string>> {
  const begun = performance.now()
  const output = createBoundedOutput(limits.output_characters)
  child.process.stdout.on('data', output.add)
  const status = readStatus(child.process.stderr)
  const closed = once(child.process, 'close')
  const bounds = await watchBounds(
    { pid: child.process.pid ?? 0, workspace, limits, signal, look_ms: LOOK_MS },
    closed,
    () => kill(child),
  )
  await closed
  const { first_process, exit_code, complaint } = await status
  if (first_process !== null) await gone(first_process)
  const duration_ms = Math.round(performance.now() - begun)
  if (bounds !== null) return ok({ ended_by: bounds, exit_code: null, output: output.text(), duration_ms })
  if (exit_code !== null) return ok({ ended_by: 'exit', exit_code, output: output.text(), duration_ms })
  return err(
    `The command was not run, because its sandbox could not be made: ${complaint || 'it was ended from outside'}`,
  )
}
