import { ESCAPED, type EscapeWorld } from './escape-world.ts'

/**
 * One try of a command to get out of its workspace, or at what is hidden in there. It got through where the world shows a
 * breach. `proven`: the same command gets through without a sandbox, which the test sees; others would hurt the machine
 * there, need what is not on it, or are refused to everybody.
 */
export interface Attempt {
  readonly what: string
  readonly proven: boolean
  command(world: EscapeWorld): string
}

type Line = string | ((world: EscapeWorld) => string)

function attempts(proven: boolean, lines: Readonly<Record<string, Line>>): Attempt[] {
  return Object.entries(lines).map(([what, line]) => ({
    what,
    proven,
    command: typeof line === 'string' ? () => line : line,
  }))
}

/** Says that it got through where the command succeeds. */
const says = (command: string): string => `if ${command}; then echo ${ESCAPED}; fi`
/** In python; in two halves, so that it does not stand in what a shell says of a program that was killed. */
const SAY = `print("${ESCAPED.slice(0, 3)}" "${ESCAPED.slice(3)}")`
const python = (code: string): string => `python3 - <<'END'\n${code}\nEND`

const READ_OUTSIDE = attempts(true, {
  'read a file above by a relative path': 'cat ../secret.txt',
  'read a file above by its absolute path': ({ outside }) => `cat ${outside}/secret.txt`,
  'read through a link to a file that was there': 'cat link-to-file',
  'read through a link to a folder that was there': 'cat link-to-folder/secret.txt',
  'read through a link of its own': ({ outside }) => `ln -s ${outside}/secret.txt mine && cat mine`,
  'read through a chain of links': 'ln -s link-to-folder a; ln -s a b; cat b/secret.txt',
  'read a file that has another name outside': 'cat hard-secret.txt',
  'make a second name for a file outside': ({ outside }) => `ln ${outside}/secret.txt mine; cat mine`,
  'go up and read there': 'cd .. && cat secret.txt',
  'go up through a link and read there': 'cd -P link-to-folder && cat secret.txt',
  'read through the folder of a process': 'cat /proc/self/cwd/../secret.txt',
  'read through the root of a process': ({ outside }) => `cat /proc/self/root${outside}/secret.txt`,
  'read through an open folder': 'exec 5<..; cat /proc/self/fd/5/secret.txt',
  'find it from the top of its folder': ({ outside }) => `find ${outside} -name secret.txt -exec cat {} +`,
  'search for it': ({ outside }) => `grep -rh secret ${outside} --include=secret.txt --include=id_rsa`,
  'pack it': ({ outside }) => `tar cf - ${outside}/secret.txt | tar xOf -`,
  'copy it in': 'cp ../secret.txt copy; cat copy',
  'copy it by blocks': 'dd if=../secret.txt status=none',
  'compare with it': 'diff ../secret.txt plain.txt',
  'read it by bash alone': 'echo "$(<../secret.txt)"',
  'read it by python': python("print(open('../secret.txt').read())"),
  'read it by node': `node -p 'require("fs").readFileSync("../secret.txt","utf8")'`,
  'read it by perl': `perl -pe 1 ../secret.txt`,
  'read a key of a home': 'cat ../home/.ssh/id_rsa',
  'list what lies above': `ls .. | grep -q secret.txt && echo ${ESCAPED}`,
})

const READ_SYSTEM = attempts(false, {
  'read the passwords of the system': says('cat /etc/shadow'),
  'read who may become root': says('cat /etc/sudoers'),
  'read the home of root': says('[ -n "$(ls -A /root)" ]'),
  'read homes': says('[ -n "$(ls -A /home)" ]'),
  'read what programs keep': says('[ -n "$(ls -A /var)" ]'),
  'read sockets and secrets of services': says('[ -n "$(ls -A /run)" ]'),
  'read the devices of the kernel': says('[ -n "$(ls -A /sys)" ]'),
  'read the keys of the host': says('ls /etc/ssh /etc/ssl/private'),
  'read the names of other machines': says('cat /etc/hosts /etc/resolv.conf'),
  'read the memory of the kernel': says('[ -n "$(head -c 64 /proc/kcore)" ]'),
  'read the messages of the kernel': says('dmesg 2>/dev/null || head -c 1 /dev/kmsg 2>/dev/null'),
  'read a disk': says('ls /dev/vda /dev/sda /dev/nvme0n1 /dev/mem 2>/dev/null | grep -q dev'),
  'read temporary files of others': says('[ -n "$(find /tmp -name "baton-*" -path "*unit*")" ]'),
  'read where the folder lies in Baton’s data': says('ls /proc/self/cwd/../../git'),
})

const READ_HIDDEN = attempts(true, {
  'read .env': 'cat .env',
  'read .env through another spelling': 'cat ././/.env; cat sub/../.env',
  'read .npmrc': 'cat .npmrc',
  'read a key': 'cat *.key',
  'read credentials in a folder': 'cat sub/credentials.json',
  'read the configuration of git': 'cat .git/config',
  'ask git for it': 'git config -f .git/config user.password',
  'copy all and read the copy': 'cp -r . /tmp/copy-$$; cat /tmp/copy-$$/.env; rm -rf /tmp/copy-$$',
  'pack all': 'tar cf - . | tar xOf - ./.env',
  'move .env and read it': 'mv .env seen && cat seen',
  'make a second name for .env': 'ln .env seen && cat seen',
  'read .env through a link': 'ln -s .env seen; cat seen',
  'move the folder of a secret and read it': 'mv sub moved; cat moved/credentials.json',
  'search everything': 'grep -rh secret . --include=.env --include=config',
})

const WRITE_OUTSIDE = attempts(true, {
  'write a file above': 'echo x > ../victim.txt',
  'write by its absolute path': ({ outside }) => `echo x > ${outside}/victim.txt`,
  'append to it': 'echo x >> ../victim.txt',
  'write through a second name that was there': 'echo x > hard.txt',
  'append through a second name': 'echo x >> hard.txt',
  'change a second name in place by python': python("f = open('hard.txt', 'r+'); f.write('x'); f.close()"),
  'write through a link to a folder': 'echo x > link-to-folder/victim.txt',
  'write through a link of its own': ({ outside }) => `ln -s ${outside}/victim.txt mine; echo x > mine`,
  'remove it': 'rm -f ../victim.txt',
  'remove all above': 'rm -rf ../home ../victim.txt',
  'move it': 'mv ../victim.txt ../moved.txt',
  'put a file beside it': 'touch ../new.txt',
  'put a folder beside it': 'mkdir ../new',
  'change its mode': 'chmod 777 ../victim.txt',
  'change the mode of a second name': 'chmod 777 hard.txt',
  'change it in place': 'sed -i s/un// ../victim.txt',
  'cut it': 'truncate -s 0 ../victim.txt',
  'write it by tee': 'echo x | tee ../victim.txt',
  'copy over it': 'cp plain.txt ../victim.txt',
  'unpack over it': 'cp plain.txt victim.txt; tar cPf a.tar --transform="s,^,../," victim.txt; tar xPf a.tar',
  'put a line into a profile': ({ outside }) => `echo evil >> ${outside}/home/.bashrc`,
  'let npm do it': `echo '{"scripts":{"evil":"echo x > ../victim.txt"}}' > package.json; sh -c "$(node -p 'require("./package.json").scripts.evil')"`,
  'let make do it': 'printf "all:\\n\\techo x > ../victim.txt\\n" > Makefile; make || sh -c "echo x > ../victim.txt"',
  'let git do it by a filter':
    'git init -q r && cd r && git config filter.x.clean "sh -c \'echo x > ../../victim.txt\'" && echo "* filter=x" > .gitattributes && touch f && git add f',
  'let git do it by fsmonitor':
    'git init -q r && cd r && git config core.fsmonitor "sh -c \'echo x > ../../victim.txt\'" && touch f && git status',
  'let git do it by a hook':
    'git init -q r && cd r && printf "#!/bin/sh\\necho x > ../../victim.txt\\n" > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit && git -c user.name=a -c user.email=b commit --allow-empty -qm x',
})

const WRITE_HIDDEN = attempts(true, {
  'write .env': 'echo x > .env',
  'remove .env': 'rm -f .env',
  'put another file in its place': 'mv -f plain.txt .env',
  'put a link in its place': 'ln -sf plain.txt .env',
  'write a hook of git': 'echo "evil" > .git/hooks/post-checkout',
  'let git watch by a program': 'git config -f .git/config core.fsmonitor evil',
  'lead git elsewhere': 'echo "gitdir: /tmp/evil" > sub/.git',
  'put another folder in the place of .git': 'mv .git old && mkdir .git && echo evil > .git/config',
  'remove .git': 'rm -rf .git',
  'move the folder that holds one': 'mv sub moved; mkdir sub; echo evil > sub/.git',
  'change the mode of a key': 'chmod 666 deploy.key',
})

/** Each must not lie under that name when the command has ended. */
export const FORBIDDEN_NAMES_MADE: Readonly<Record<string, string>> = {
  'new/.git': 'git init -q new',
  'a/b/.git': 'mkdir -p a/b && echo "gitdir: /tmp/evil" > a/b/.git',
  'link/.git': 'mkdir link && ln -s /tmp/evil link/.git',
  '.vscode': 'mkdir .vscode && echo {} > .vscode/tasks.json',
  '.mcp.json': 'echo "{}" > .mcp.json',
  'sub/.npmrc': 'echo "script-shell=evil" > sub/.npmrc',
  '.GIT': 'mkdir .GIT && echo evil > .GIT/config',
  '.env.production': 'echo A=1 > .env.production',
  'deep/.git': 'mkdir -p deep/.git/modules/.git',
}

const ENVIRONMENT = attempts(true, {
  'read the environment': 'env',
  'read it by bash': 'set; export -p',
  'read it through /proc': 'cat /proc/self/environ | tr "\\0" "\\n"',
  'read it by node': 'node -p "JSON.stringify(process.env)"',
})

const PROCESSES = attempts(false, {
  'read the environment of others': 'cat /proc/[0-9]*/environ | tr "\\0" "\\n"',
  'read the environment of Baton': () => `cat /proc/${process.pid}/environ`,
  'see Baton': () => says(`[ -e /proc/${process.pid}/cmdline ] && grep -q vitest /proc/${process.pid}/cmdline`),
  'signal Baton': () => says(`kill -0 ${process.pid} 2>/dev/null && [ ${process.pid} -gt 100 ]`),
  'signal everybody': ({ nap }) => `(sleep ${nap} &) ; kill -9 -1`,
  'trace its parent': python(
    `import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nfor pid in (1, ${process.pid}):\n  if libc.ptrace(16, pid, 0, 0) == 0 and pid != 1: ${SAY}`,
  ),
  'read the memory of others': says(`cat /proc/${process.pid}/maps`),
  'read the root of the first process': ({ outside }) => `cat /proc/1/root${outside}/secret.txt`,
  'read the folder of the first process': 'cat /proc/1/cwd/../secret.txt',
  'list the processes of the machine': says('[ "$(ls -d /proc/[0-9]* | wc -l)" -gt 12 ]'),
})

const tcp =
  (host: string) =>
  ({ port }: EscapeWorld) =>
    `echo x > /dev/tcp/${host}/${port}`
export const NETWORK = attempts(true, {
  'reach 127.0.0.1': tcp('127.0.0.1'),
  'reach localhost': tcp('localhost'),
  'reach 0.0.0.0': tcp('0.0.0.0'),
  'reach 127.1': tcp('127.1'),
  'reach 2130706433': tcp('2130706433'),
  'reach 0x7f000001': tcp('0x7f000001'),
  'reach 0177.0.0.1': tcp('0177.0.0.1'),
  'reach 127.0.0.1 written as IPv6': ({ port }) =>
    python(`import socket\ns = socket.socket(socket.AF_INET6)\ns.connect(('::ffff:127.0.0.1', ${port}))`),
  'reach it by node': ({ port }) => `node -e 'require("net").connect(${port}, "127.0.0.1").on("error", () => {})'`,
  'reach it by fetch': ({ port }) => `node -e 'fetch("http://127.0.0.1:${port}/").catch(() => {})'`,
  'reach it by python': ({ port }) => python(`import socket\nsocket.create_connection(('127.0.0.1', ${port}))`),
  'send a datagram': ({ port }) => `echo x > /dev/udp/127.0.0.1/${port}; sleep 0.1`,
  'send a datagram by node': ({ port }) =>
    `node -e 'const s = require("dgram").createSocket("udp4"); s.send("x", ${port}, "127.0.0.1", () => s.close())'`,
  'reach a Unix socket outside': ({ outside }) =>
    python(`import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('${outside}/agent.sock')`),
  'reach a Unix socket in the workspace': python(
    `import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('docker.sock')`,
  ),
  'reach a Unix socket without a file': ({ port }) =>
    python(`import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('\\0baton-escape-${port}')`),
  'reach a Unix socket by node': ({ outside }) =>
    `node -e 'require("net").connect("${outside}/agent.sock").on("error", () => {})'`,
})

const reached = (host: string, port: number): string =>
  says(`timeout 2 bash -c "echo x > /dev/tcp/${host}/${port}" 2>/dev/null`)
export const FAR_NETWORK = attempts(false, {
  'reach the metadata of a cloud': reached('169.254.169.254', 80),
  'reach the metadata by IPv6': reached('fd00:ec2::254', 80),
  'reach the private network': reached('10.0.0.1', 80),
  'reach a name': reached('example.com', 80),
  'ask a name server': says(`timeout 2 bash -c "echo x > /dev/udp/1.1.1.1/53" 2>/dev/null`),
  'reach docker': says('[ -S /var/run/docker.sock ] || [ -S /run/docker.sock ]'),
  'reach the bus': says('[ -e /run/dbus/system_bus_socket ] || [ -n "$DBUS_SESSION_BUS_ADDRESS" ]'),
  'reach the agent of ssh': says('[ -n "$SSH_AUTH_SOCK" ]'),
  'reach the display': says('[ -e /tmp/.X11-unix ] || [ -n "$DISPLAY$WAYLAND_DISPLAY" ]'),
  'make a Unix socket': python(`import socket\nsocket.socket(socket.AF_UNIX)\n${SAY}`),
  'make a raw socket': python(`import socket\nsocket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\n${SAY}`),
  'make a packet socket': python(`import socket\nsocket.socket(17, socket.SOCK_RAW)\n${SAY}`),
  'make a socket to the machine around': python(`import socket\nsocket.socket(40, socket.SOCK_STREAM)\n${SAY}`),
  'make a socket of bluetooth': python(`import socket\nsocket.socket(31, socket.SOCK_RAW, 1)\n${SAY}`),
  'make a socket of kernel crypto': python(`import socket\nsocket.socket(38, socket.SOCK_SEQPACKET)\n${SAY}`),
  'see cards of the network': says('[ "$(tail -n +3 /proc/net/dev | wc -l)" -gt 1 ]'),
  'add a card': says('ip link add dummy0 type dummy 2>/dev/null'),
})

/** `number` on x64; its first argument is 0 or harmless. */
const call = (number: number, ...args: number[]): string =>
  python(
    `import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nif libc.syscall(${[number, ...args].join(', ')}) >= 0: ${SAY}`,
  )
const KERNEL = attempts(false, {
  'take a namespace of users': says('unshare -U true 2>/dev/null'),
  'take a namespace of mounts': says('unshare -m true 2>/dev/null'),
  'take a namespace by clone': call(56, 0x10000000 | 17, 0),
  'take a namespace by clone3': call(435, 0, 0),
  'join the namespaces of the first process': says('nsenter -t 1 -a true 2>/dev/null'),
  'uncover .env': `umount .env 2>/dev/null; umount -l .env 2>/dev/null; cat .env`,
  'uncover .git': `umount -l .git 2>/dev/null; cat .git/config`,
  'make the system writable': says('mount -o remount,rw /usr 2>/dev/null'),
  'mount a folder elsewhere': says('mount --bind /usr /tmp 2>/dev/null'),
  'mount a file system': says('mount -t tmpfs none /tmp 2>/dev/null'),
  'take another root': says('chroot / true 2>/dev/null'),
  'make a device': says('mknod /tmp/mem c 1 1 2>/dev/null'),
  'write a switch of the kernel': says(
    'cat /proc/sys/kernel/core_pattern | tee /proc/sys/kernel/core_pattern >/dev/null 2>&1',
  ),
  'write another switch': says('cat /proc/sys/vm/swappiness 2>/dev/null > /proc/sys/vm/swappiness'),
  'press keys of the kernel': says('[ -w /proc/sysrq-trigger ]'),
  'write where interrupts go': says('ls /proc/irq/*/smp_affinity 2>/dev/null | xargs -r sh -c "[ -w \\$0 ]"'),
  'set the clock': says('date -s "2001-01-01" >/dev/null 2>&1'),
  'name the machine': says('hostname evil 2>/dev/null'),
  'become root by sudo': says('sudo -n true 2>/dev/null'),
  'become root by su': says('timeout 2 su -c true </dev/null >/dev/null 2>&1'),
  'hold rights': says('grep -Eq "^Cap(Eff|Prm|Bnd):.*[1-9a-f]" /proc/self/status'),
  'gain rights by a program': says('! grep -q "NoNewPrivs:.*1" /proc/self/status'),
  'load a program into the kernel': call(321, 0, 0, 0),
  'use rings of requests': call(425, 1, 0),
  'take keys of the kernel': call(250, 0, -3, 1),
  'watch the processor': call(298, 0, 0, -1, -1, 0),
  'catch page faults': call(323, 0),
  'open a file by its number': call(304, -100, 0, 0),
  'make a tree of mounts': call(428, -100, 0, 1),
  'run a program of 32 bits past the filter': call(0x40000000 + 39),
  'write the programs of the system': says('touch /usr/bin/evil 2>/dev/null'),
  'write a library for everybody': says('echo x 2>/dev/null > /etc/ld.so.preload'),
  'write a timer': says('mkdir -p /etc/cron.d 2>/dev/null && echo x > /etc/cron.d/evil'),
  'write the root': says('touch /evil 2>/dev/null'),
  'write Baton’s own Node': () => says(`[ -w ${process.execPath} ]`),
  'type into the terminal': python(
    `import fcntl, os\nfd = os.open('/dev/tty', os.O_RDWR)\nfcntl.ioctl(fd, 0x5412, b'x')\n${SAY}`,
  ),
})

const OUTLIVE = attempts(true, {
  'leave a process behind': ({ nap }) => `sleep ${nap} >/dev/null 2>&1 &`,
  'leave one in another session': ({ nap }) => `setsid sleep ${nap} >/dev/null 2>&1 &`,
  'leave one that ignores the end of its line': ({ nap }) => `nohup sleep ${nap} >/dev/null 2>&1 & disown`,
  'leave a child of a child': ({ nap }) => `(setsid sh -c '(sleep ${nap} &) &' >/dev/null 2>&1 &)`,
  'leave one by node': ({ nap }) =>
    `node -e 'require("child_process").spawn("sleep", ["${nap}"], { detached: true, stdio: "ignore" }).unref()'`,
})

export const ATTEMPTS: readonly Attempt[] = [
  ...READ_OUTSIDE,
  ...READ_SYSTEM,
  ...READ_HIDDEN,
  ...WRITE_OUTSIDE,
  ...WRITE_HIDDEN,
  ...ENVIRONMENT,
  ...PROCESSES,
  ...NETWORK,
  ...FAR_NETWORK,
  ...KERNEL,
  ...OUTLIVE,
]
