import { lstatSync, readlinkSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { HiddenEntry } from './hidden-entries.ts'
import { proxyArguments } from './proxy-bridge.ts'
import type { SandboxLimits } from './sandbox.ts'

/** What a sandbox is made of. Paths are absolute. */
export interface SandboxShape {
  readonly workspace: string
  readonly hidden: readonly HiddenEntry[]
  readonly limits: SandboxLimits
  /** Folder with the program that runs Baton, where that is a plain Node: commands then find it too. */
  readonly node_folder: string | null
  /** The descriptor from which the filter of system calls is read. */
  readonly filter_fd: number
  /** The socket of the proxy through which named hosts are reached; absent: no network at all. */
  readonly proxy_socket?: string | undefined
  /** Whether standard error is the program's; otherwise bubblewrap tells there how it ended. */
  readonly own_errors?: boolean
}

/** Of the system's settings, what programs need to start, resolve a user's name and know the authorities of TLS. */
const SETTINGS = [
  '/etc/alternatives',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/passwd',
  '/etc/group',
  '/etc/nsswitch.conf',
  '/etc/localtime',
  '/etc/os-release',
  '/etc/mime.types',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/pki/tls/certs',
  '/etc/java-17-openjdk',
  '/etc/java-21-openjdk',
]
const PROGRAM_FOLDERS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']
/** Switches of the kernel: root would find them writable through a new /proc too. */
const KERNEL_SWITCHES = ['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus', '/proc/fs', '/proc/acpi']
/** What tells of the machine and of others on it. */
const KERNEL_SECRETS = [
  '/proc/kcore',
  '/proc/kmsg',
  '/proc/kallsyms',
  '/proc/keys',
  '/proc/timer_list',
  '/proc/sched_debug',
]
const SCRATCH_BYTES = 536_870_912
/** Who it is inside; a number without rights of its own. */
const USER = '1000'

/**
 * Bubblewrap's arguments: a root of its own that holds the system's programs (read-only), a few of its settings, a scratch
 * /tmp in memory and the workspace; namespaces of its own for users, processes, network, and the rest; no rights; an
 * environment that is written out here. Nothing of what the host has elsewhere, homes included, is there at all, but for
 * `folders`, which can be read.
 */
export function bubblewrapArguments(shape: SandboxShape, folders: readonly string[] = []): string[] {
  const { workspace, hidden, node_folder, filter_fd, proxy_socket } = shape
  const path = [...(node_folder === null ? [] : [node_folder]), '/usr/local/bin', '/usr/bin', '/bin']
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--uid', USER, '--gid', USER],
    ...['--hostname', 'baton', '--seccomp', String(filter_fd)],
    ...(shape.own_errors === true ? [] : ['--json-status-fd', '2']),
    ...[
      '--clearenv',
      '--setenv',
      'PATH',
      path.join(':'),
      '--setenv',
      'HOME',
      '/tmp/home',
      '--setenv',
      'TMPDIR',
      '/tmp',
    ],
    ...['--setenv', 'LANG', 'C.UTF-8', '--setenv', 'TERM', 'dumb', '--setenv', 'CI', '1'],
    ...['--ro-bind', '/usr', '/usr', ...PROGRAM_FOLDERS.flatMap(programFolder)],
    ...SETTINGS.flatMap((file) => ['--ro-bind-try', file, file]),
    ...['--proc', '/proc', ...KERNEL_SWITCHES.flatMap(sealed), ...KERNEL_SECRETS.flatMap(emptied)],
    ...['--dev', '/dev', '--size', String(SCRATCH_BYTES), '--perms', '1777', '--tmpfs', '/dev/shm'],
    ...['--remount-ro', '/dev', '--size', String(SCRATCH_BYTES), '--perms', '1777', '--tmpfs', '/tmp'],
    ...['--perms', '0700', '--dir', '/tmp/home'],
    ...(node_folder === null ? [] : ['--ro-bind', node_folder, node_folder]),
    ...folders.flatMap((folder) => ['--ro-bind', folder, folder]),
    ...(proxy_socket === undefined ? [] : proxyArguments(proxy_socket)),
    ...['--bind', workspace, workspace, ...pinned(workspace, hidden).flatMap((folder) => ['--bind', folder, folder])],
    ...['--bind', workspace, workspace, ...hidden.flatMap(covered)],
    ...['--remount-ro', '/', '--chdir', workspace],
  ]
}

/**
 * The command itself, behind the bounds that each of its processes has. Both outputs become one, in their order. `before` is
 * a line of the shell.
 */
export function boundedCommand(
  command: string,
  shell: string,
  { file_bytes, processes }: SandboxLimits,
  before = '',
): string[] {
  const bounds = ['--core=0', '--nofile=4096', `--fsize=${file_bytes}`, `--nproc=${processes}`]
  return ['/bin/sh', '-c', `${before}\nexec 2>&1; exec "$@"`, 'sh', 'prlimit', ...bounds, '--', shell, '-c', command]
}

/** Where the program that runs Baton lies, if it is a plain Node. */
export function nodeFolder(program: string): string | null {
  return basename(program) === 'node' ? dirname(program) : null
}

/** On most systems these are links into /usr. */
function programFolder(folder: string): string[] {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  if (found === undefined) return []
  return found.isSymbolicLink() ? ['--symlink', readlinkSync(folder), folder] : ['--ro-bind', folder, folder]
}

function sealed(file: string): string[] {
  return isThere(file) ? ['--ro-bind', file, file] : []
}

function emptied(file: string): string[] {
  return isThere(file) ? ['--ro-bind', '/dev/null', file] : []
}

/**
 * The folders above what is hidden, up to the workspace. What is a mount point cannot be moved or removed, also where another
 * mount lies over it (the workspace's second one does, so that files can still be moved in and out of them).
 */
function pinned(workspace: string, hidden: readonly HiddenEntry[]): string[] {
  const folders = new Set<string>()
  for (const { path } of hidden) {
    for (let folder = dirname(path); folder !== workspace; folder = dirname(folder)) folders.add(folder)
  }
  return [...folders].sort()
}

/** A link cannot be covered, and need not be: where it leads is, or is not there. */
function covered({ path, kind }: HiddenEntry): string[] {
  if (kind === 'link') return []
  if (kind === 'shared') return ['--ro-bind', path, path]
  return kind === 'folder' ? ['--tmpfs', path, '--remount-ro', path] : ['--ro-bind', '/dev/null', path]
}

function isThere(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined
}
