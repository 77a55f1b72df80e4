import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type SandboxBench, sandboxBench } from '#core/sandbox/sandbox-bench.ts'

/** What must never be seen in a command's output, and what an attempt says where it got through. */
export const SECRET = 'c0ffee-secret-5f1e'
export const ESCAPED = 'GOT-THROUGH'

/** A workspace with secrets in it and around it, and servers that count who comes. */
export interface EscapeWorld extends SandboxBench {
  /** Of a TCP server on 127.0.0.1 and ::1, and of a UDP server on 127.0.0.1. */
  readonly port: number
  /** A number that a process of this world carries as an argument, so that it is known again. */
  readonly nap: string
  /** What got out, or in: empty where nothing did. */
  breaches(output: string): string[]
  /** The same command without a sandbox, for proof that it is an attempt at all. Answers with its output. */
  unguarded(command: string): Promise<string>
}

const IN_WORKSPACE = {
  '.env': `TOKEN=${SECRET}\n`,
  '.npmrc': `//registry/:_authToken=${SECRET}\n`,
  'deploy.key': `${SECRET}\n`,
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.git/config': `[user]\n\tpassword = ${SECRET}\n`,
  '.git/hooks/post-checkout': '#!/bin/sh\n',
  'sub/.git': 'gitdir: ../.git/modules/sub\n',
  'sub/credentials.json': `{"key":"${SECRET}"}\n`,
}
const OUTSIDE = {
  'secret.txt': `${SECRET}\n`,
  'victim.txt': 'untouched\n',
  'home/.ssh/id_rsa': `${SECRET}\n`,
  'home/.bashrc': '# untouched\n',
}

/** `hosts`: what the plan of its commands names. */
export async function escapeWorld(hosts: readonly string[] = []): Promise<EscapeWorld> {
  const bench = await sandboxBench(realpathSync(tmpdir()), { hosts })
  const { outside, workspace } = bench
  write(workspace, IN_WORKSPACE)
  write(outside, OUTSIDE)
  writeFileSync(join(workspace, 'plain.txt'), 'plain\n')
  symlinkSync('../secret.txt', join(workspace, 'link-to-file'))
  symlinkSync('..', join(workspace, 'link-to-folder'))
  linkSync(join(outside, 'victim.txt'), join(workspace, 'hard.txt'))
  linkSync(join(outside, 'secret.txt'), join(workspace, 'hard-secret.txt'))
  let visitors = 0
  const count = (): void => {
    visitors += 1
  }
  const port = await listen({ port: 0, host: '127.0.0.1' }, count)
  await listen({ port, host: '::1' }, count).catch(() => undefined)
  await listen({ path: join(outside, 'agent.sock') }, count)
  await listen({ path: join(workspace, 'docker.sock') }, count)
  await listen({ path: `\0baton-escape-${port}` }, count)
  const datagrams = createSocket('udp4').on('message', count)
  await new Promise<void>((resolve) => datagrams.bind(port, '127.0.0.1', resolve))
  onTestFinished(() => void datagrams.close())

  const nap = `600.${process.pid}${port}`
  const before = contents(outside)
  return {
    ...{ ...bench, port, nap },
    breaches(output) {
      const after = contents(outside)
      const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
        (path) => before.get(path) !== after.get(path),
      )
      return [
        ...(output.includes(SECRET) ? ['a secret was read'] : []),
        ...(output.includes(ESCAPED) ? ['it says so'] : []),
        ...(visitors > 0 ? ['a server was reached'] : []),
        ...changed.map((path) => `${path} is another`),
        ...survivors(nap).map((pid) => `process ${pid} lives on`),
      ]
    },
    async unguarded(command) {
      onTestFinished(() => {
        for (const pid of survivors(nap)) process.kill(pid, 'SIGKILL')
      })
      return new Promise((resolve) => {
        const env = { PATH: `${process.execPath}/..:/usr/bin:/bin`, HOME: join(outside, 'home'), TOKEN: SECRET }
        execFile('/bin/bash', ['-c', command], { cwd: workspace, env, timeout: 5_000 }, (_, stdout, stderr) =>
          resolve(`${stdout}${stderr}`),
        )
      })
    },
  }
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

async function listen(where: { port: number; host: string } | { path: string }, count: () => void): Promise<number> {
  const server: Server = createServer((socket) => {
    count()
    socket.on('error', () => undefined).end()
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(where, resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

/** Every file outside, and in the workspace those that nobody may change, with content and mode. */
function contents(outside: string): Map<string, string> {
  const found = new Map<string, string>()
  const take = (path: string): void => {
    const stats = statSync(join(outside, path))
    if (stats.isFile()) found.set(path, `${stats.mode} ${readFileSync(join(outside, path), 'utf8')}`)
    else found.set(path, 'not a file')
  }
  for (const name of Object.keys(IN_WORKSPACE)) {
    try {
      take(join('workspace', name))
    } catch {
      // It is gone, and so not as it was.
    }
  }
  // Not by a recursive read: that goes in circles through the workspace's links.
  const folders = ['.']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(join(outside, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (path === 'workspace') continue
      take(path)
      if (entry.isDirectory()) folders.push(path)
    }
  }
  return found
}

/** Processes that carry the number. */
function survivors(nap: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').includes(nap)
      } catch {
        return false
      }
    })
    .map(Number)
}
