/** Numbers of seccomp_data (linux/seccomp.h): where its parts lie. */
const AT_NUMBER = 0
const AT_ARCHITECTURE = 4
const AT_FIRST_ARGUMENT = 16

/** Instructions of classic BPF (linux/bpf_common.h). */
const LOAD = 0x20
const IF_EQUAL = 0x15
const IF_AT_LEAST = 0x35
const IF_ANY_BIT = 0x45
const RETURN = 0x06

/** Answers (linux/seccomp.h). */
const ALLOW = 0x7fff0000
const KILL_PROCESS = 0x80000000
const refusedWith = (errno: number): number => 0x00050000 | errno
const EPERM = 1
const ENOSYS = 38
const EAFNOSUPPORT = 97

/** AF_INET, AF_INET6, AF_NETLINK: all of them end in the sandbox's own network namespace. */
const ALLOWED_FAMILIES = [2, 10, 16]
/** AF_UNIX. */
const UNIX = 1
/** All CLONE_NEW… that clone(2) takes. */
const NEW_NAMESPACE = 0x7e020000
/** System calls of x32 on x86-64 have this bit; there they would pass under other numbers. */
const X32 = 0x40000000

interface Architecture {
  /** AUDIT_ARCH_… (linux/audit.h). */
  readonly audit: number
  readonly socket: number
  readonly clone: number
  readonly refused: readonly number[]
}

/** The same numbers on both. */
const CLONE3 = 435
/** io_uring_setup/enter/register, open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr. */
const COMMON = [425, 426, 427, 428, 429, 430, 431, 432, 433, 442]

/**
 * Refused: what makes or joins namespaces, changes mounts, loads code into the kernel, or sets the machine's clock and
 * swap, and keys, BPF and io_uring, which would open sockets past this filter. In the order: pivot_root, chroot, acct,
 * settimeofday, mount, umount2, swapon, swapoff, reboot, init_module, delete_module, quotactl, clock_settime, kexec_load,
 * add_key, request_key, keyctl, unshare, perf_event_open, open_by_handle_at, setns, finit_module, kexec_file_load, bpf,
 * userfaultfd, syslog.
 */
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, Architecture>> = {
  x64: {
    audit: 0xc000003e,
    socket: 41,
    clone: 56,
    refused: [
      ...[155, 161, 163, 164, 165, 166, 167, 168, 169, 175, 176, 179, 227, 246, 248, 249, 250, 272, 298, 304, 308],
      ...[313, 320, 321, 323, 103],
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    socket: 198,
    clone: 220,
    refused: [
      ...[41, 51, 89, 170, 40, 39, 224, 225, 142, 105, 106, 60, 112, 104, 217, 218, 219, 97, 241, 265, 268],
      ...[273, 294, 280, 282, 116],
    ],
  },
}

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number]

/**
 * The filter of system calls that a sandboxed command runs under, as bubblewrap's `--seccomp` reads it (struct sock_filter,
 * little-endian); null on architectures for which there is none. It refuses Unix sockets, which lead to other programs
 * (docker, dbus, ssh-agent) whatever the network is, and sockets of virtual machines, which no namespace holds. `with`: Unix
 * sockets pass, for the bridge to the proxy; then the mounts alone keep others away.
 */
export function syscallFilter(
  architecture: NodeJS.Architecture,
  unix: 'without' | 'with' = 'without',
): Uint8Array | null {
  const known = ARCHITECTURES[architecture]
  if (known === undefined) return null
  const refuse = (number: number, answer: number): Instruction[] => [
    [IF_EQUAL, 0, 1, number],
    [RETURN, 0, 0, answer],
  ]
  const program: Instruction[] = [
    [LOAD, 0, 0, AT_ARCHITECTURE],
    [IF_EQUAL, 1, 0, known.audit],
    // A program of another architecture has other numbers.
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, AT_NUMBER],
    [IF_AT_LEAST, 0, 1, X32],
    [RETURN, 0, 0, KILL_PROCESS],
    // Its flags lie in memory, where a filter cannot look; programs fall back to clone.
    ...refuse(CLONE3, refusedWith(ENOSYS)),
    ...[...COMMON, ...known.refused].flatMap((number) => refuse(number, refusedWith(EPERM))),
    [IF_EQUAL, 0, 4, known.clone],
    [LOAD, 0, 0, AT_FIRST_ARGUMENT],
    [IF_ANY_BIT, 0, 1, NEW_NAMESPACE],
    [RETURN, 0, 0, refusedWith(EPERM)],
    [RETURN, 0, 0, ALLOW],
    [IF_EQUAL, 1, 0, known.socket],
    [RETURN, 0, 0, ALLOW],
    [LOAD, 0, 0, AT_FIRST_ARGUMENT],
    ...[...ALLOWED_FAMILIES, ...(unix === 'with' ? [UNIX] : [])].flatMap((family) => refuse(family, ALLOW)),
    [RETURN, 0, 0, refusedWith(EAFNOSUPPORT)],
  ]
  const bytes = new DataView(new ArrayBuffer(program.length * 8))
  for (const [index, [code, ifTrue, ifFalse, operand]] of program.entries()) {
    bytes.setUint16(index * 8, code, true)
    bytes.setUint8(index * 8 + 2, ifTrue)
    bytes.setUint8(index * 8 + 3, ifFalse)
    bytes.setUint32(index * 8 + 4, operand, true)
  }
  return new Uint8Array(bytes.buffer)
}
