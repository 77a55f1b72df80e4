import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { err, ok, type Result } from '#contract/result.ts'
import { ensurePrograms } from '../../scripts/ensure-programs.ts'

/** A Redis of our own, reached through a socket in a folder of its own. */
export interface RedisServer {
  readonly socket: string
  stop(): Promise<void>
}

const PATIENCE_MS = 10_000

async function answers(server: ChildProcess, socket: string): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline && server.exitCode === null) {
    // Redis makes it when it listens.
    if (existsSync(socket)) return true
    await sleep(5)
  }
  return false
}

/** Starts it as its users do who want their jobs back after a crash: append-only file, synced every second. The error says why there is none. */
export async function startRedis(): Promise<Result<RedisServer, string>> {
  const missing = ensurePrograms(new Map([['redis-server', 'redis-server']]), 'the benchmark')
  if (missing.length > 0) return err('redis-server is not installed')
  const folder = mkdtempSync(join(tmpdir(), 'baton-redis-'))
  const socket = join(folder, 'redis.sock')
  const settings = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '']
  const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction']
  const server = spawn('redis-server', [...settings, ...durable], { stdio: ['ignore', 'ignore', 'inherit'] })
  const closed = once(server, 'close')
  const stop = async (): Promise<void> => {
    server.kill()
    await closed
    rmSync(folder, { recursive: true, force: true })
  }
  if (await answers(server, socket)) return ok({ socket, stop })
  await stop()
  return err('redis-server does not start here')
}
