/**
 * The same graphs on BullMQ: `node bench/peers/bullmq-rounds.ts [rounds]`. One JSON line per graph and round on stdout, or
 * `{"absent": why}` where there is no Redis. BullMQ's flows are trees, so whoever needs a graph counts down in the handler.
 */
import { type Job, Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { z } from 'zod'
import type { PlanDocument } from '#contract/plan.ts'
import { CONCURRENCY, flatPlans, layeredPlans } from '../graph-shapes.ts'
import { createPeerRecord, type PeerTask, peerTasks } from './peer-graph.ts'
import { startRedis } from './redis-server.ts'

const NAME = 'task'

/**
 * Takes a task out of what its dependants need, and answers with those that need nothing any more. Done again for a job that is
 * handed out again, it answers the same; jobs carry the task's id, so none is added twice.
 */
const UNLOCK = `
  local free = {}
  for _, task in ipairs(redis.call('SMEMBERS', 'unlocks:' .. ARGV[1])) do
    redis.call('SREM', 'needs:' .. task, ARGV[1])
    if redis.call('SCARD', 'needs:' .. task) == 0 then table.insert(free, task) end
  end
  return free`

const freed = z.array(z.string())

async function fill(redis: Redis, queue: Queue, tasks: readonly PeerTask[]): Promise<void> {
  const writes = redis.pipeline()
  for (const { id, needs, unlocks } of tasks) {
    if (needs.length > 0) writes.sadd(`needs:${id}`, ...needs)
    if (unlocks.length > 0) writes.sadd(`unlocks:${id}`, ...unlocks)
  }
  await writes.exec()
  await queue.addBulk(tasks.filter(({ needs }) => needs.length === 0).map(({ id }) => jobOf(id)))
}

// BullMQ takes no bare number for an id.
function jobOf(id: number): { name: string; data: number; opts: { jobId: string } } {
  return { name: NAME, data: id, opts: { jobId: `task-${id}` } }
}

async function peakBytes(redis: Redis): Promise<number> {
  const found = /used_memory_peak:(\d+)/.exec(await redis.info('memory'))
  return process.resourceUsage().maxRSS * 1024 + Number(found?.[1] ?? 0)
}

async function round(socket: string, shape: string, plans: readonly PlanDocument[]): Promise<void> {
  // A worker waits for jobs on its connection for as long as it takes.
  const connection = { path: socket, maxRetriesPerRequest: null }
  const redis = new Redis(connection)
  await redis.flushall()
  const queue = new Queue<number>('bench', { connection })
  const tasks = peerTasks(plans)
  const record = createPeerRecord(tasks)
  const isGraph = tasks.some(({ needs }) => needs.length > 0)
  const sha = z.string().parse(await redis.script('LOAD', UNLOCK))

  async function work({ data: id }: Job<number>): Promise<void> {
    record.began(id)
    record.ended(id)
    if (!isGraph) return
    const free = freed.parse(await redis.evalsha(sha, 0, id))
    if (free.length > 0) await queue.addBulk(free.map((task) => jobOf(Number(task))))
  }

  const approved = performance.now()
  await fill(redis, queue, tasks)
  const worker = new Worker<number>('bench', work, { connection, concurrency: CONCURRENCY, autorun: false })
  await worker.waitUntilReady()
  let completed = 0
  const all = new Promise<void>((resolve, reject) => {
    worker.on('completed', () => {
      completed += 1
      if (completed === tasks.length) resolve()
    })
    worker.on('failed', (_, fault) => reject(fault))
    worker.on('error', reject)
  })
  const began = performance.now()
  const running = worker.run()
  await all
  const ms = performance.now() - began
  await worker.close()
  await running
  const faults = record.faults(CONCURRENCY)
  const { completed: kept } = await queue.getJobCounts('completed')
  if (kept !== tasks.length) faults.push(`${kept} of ${tasks.length} jobs are completed`)
  for (const fault of faults) console.error(`bullmq ${shape}: ${fault}`)
  const figures = { shape, tasks: tasks.length, ms, approve_ms: began - approved, rss_bytes: await peakBytes(redis) }
  console.log(JSON.stringify({ ...figures, ok: faults.length === 0 }))
  await queue.close()
  redis.disconnect()
}

const server = await startRedis()
if (server.ok) {
  const rounds = Number(process.argv[2] ?? 3)
  try {
    for (let count = 0; count < rounds; count += 1) {
      await round(server.value.socket, 'dag', layeredPlans())
      await round(server.value.socket, 'flat', flatPlans())
    }
  } finally {
    await server.value.stop()
  }
} else console.log(JSON.stringify({ absent: server.error }))
