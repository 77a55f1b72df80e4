import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { StoredEvent } from '#contract/event.ts'
import type { Core, Log } from '#core/core.ts'

/** What the Prometheus route answers with. */
export interface MetricsText {
  readonly content_type: string
  readonly text: string
}

/** One answered request; `route` is a pattern of ours, never a path of the caller's. */
export interface AnsweredRequest {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly seconds: number
}

/** Counts what happens, for Prometheus (M5). Label values are bounded: patterns, states, names out of settings. */
export interface Metrics {
  answered(request: AnsweredRequest): void
  /** `verdict`: what became of the signature of an incoming webhook. */
  webhookVerified(verdict: string): void
  webhookProcessed(seconds: number): void
  streamOpened(): void
  streamClosed(): void
  /** `count`: items that were sent together. */
  streamSent(count?: number): void
  text(): Promise<MetricsText>
}

const HTTP_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 5]
const TASK_SECONDS = [0.1, 1, 5, 15, 60, 300, 900, 3_600]
const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])
const ENDED = new Set(['succeeded', 'failed', 'cancelled'])
/** Model names come out of settings and servers; past so many they are one. */
const MAX_MODELS = 50

/**
 * Follows `core` until it closes. Names beginning with `orch_` are those of the earlier system S1, so that its dashboards
 * go on working; ours begin with `baton_`.
 */
export function createMetrics(core: Core, log: Log | undefined): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers })
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram({ name, help, buckets, labelNames, registers })

  const requests = counter('orch_http_requests_total', 'Requests answered.', 'method', 'endpoint', 'status')
  const duration = histogram(
    'orch_http_request_duration_seconds',
    'Time to the head of the answer.',
    HTTP_SECONDS,
    'method',
    'endpoint',
  )
  // What S1 called a task is a job here; its series carry both, told apart by `kind`. A job of Baton counts as a job, and the
  // task that carries it out as a task.
  const tasks = counter('orch_tasks_total', 'Tasks and jobs that came to a state.', 'kind', 'status')
  const taskSeconds = histogram(
    'orch_task_duration_seconds',
    'Time that a run of a task, or the last attempt at a job, took.',
    TASK_SECONDS,
    'kind',
    'status',
  )
  const depth = gauge(
    'orch_task_queue_depth',
    'Tasks that run when their turn comes, and jobs that nobody has begun.',
    'kind',
  )
  const streams = gauge('orch_sse_connections_active', 'Open event streams.')
  const sent = counter('orch_sse_messages_sent_total', 'Messages sent on event streams.')
  const locks = gauge('orch_locks_active', 'Locks held.')
  const lockGrants = counter('orch_lock_acquisition_total', 'Locks granted, or not had in time.', 'status')
  const lockWait = counter('orch_lock_wait_duration_seconds', 'Time spent waiting for locks, in sum.')
  const webhooks = counter(
    'orch_webhook_signatures_verified_total',
    'Incoming webhooks by what became of their signature.',
    'status',
  )
  const webhookSeconds = histogram(
    'orch_webhook_processing_duration_seconds',
    'Time to take an incoming webhook.',
    HTTP_SECONDS,
  )
  const cpu = counter('orch_system_cpu_seconds_total', 'Processor time that Baton has used.')
  const memory = gauge('orch_system_memory_bytes', 'Memory of the process.', 'kind')
  const delay = gauge(
    'orch_system_event_loop_delay_seconds',
    'Delay of the main loop since the last scrape.',
    'quantile',
  )
  const uptime = gauge('orch_system_uptime_seconds', 'Since core was opened.')
  const running = gauge('baton_tasks', 'Tasks now; ready are those that run when their turn comes.', 'state')
  const needsYou = gauge('baton_needs_you', 'Things that wait for a person.')
  const modelCalls = counter('baton_model_calls_total', 'Calls of models.', 'model', 'state')
  const cost = counter('baton_model_cost_micros_total', 'Cost of model calls in micro-dollars.', 'model')
  const budget = gauge(
    'baton_budget_micros',
    'Budgets in micro-dollars; without a limit there is none.',
    'scope',
    'part',
  )
  const services = gauge('baton_service_up', '1 where a service is healthy.', 'service')

  const loop = monitorEventLoopDelay({ resolution: 10 })
  loop.enable()
  let cpuBefore = 0
  const lockBefore = { granted: 0, timeouts: 0, waited_ms: 0 }
  const startedAt = new Map<string, number>()
  const models = new Set<string>()

  function modelLabel(name: string): string {
    if (models.size < MAX_MODELS) models.add(name)
    return models.has(name) ? name : 'other'
  }

  function time(kind: 'task' | 'job', id: string, state: string, ts: string): void {
    const at = Date.parse(ts)
    if (state === 'running') startedAt.set(id, at)
    const began = startedAt.get(id)
    if (!ENDED.has(state) || began === undefined) return
    startedAt.delete(id)
    taskSeconds.observe({ kind, status: state }, (at - began) / 1_000)
  }

  function move(id: string, state: string, ts: string): void {
    tasks.inc({ kind: 'job', status: state })
    time('job', id, state, ts)
  }

  function see(event: StoredEvent): void {
    if (event.type === 'task.state') tasks.inc({ kind: 'task', status: event.data.state })
    if (event.type === 'run.state' && event.run_id !== null) time('task', event.run_id, event.data.state, event.ts)
    if (event.type === 'job.queued') move(event.data.job_id, 'queued', event.ts)
    if (event.type === 'job.started') move(event.data.job_id, 'running', event.ts)
    if (event.type === 'job.ended') move(event.data.job_id, event.data.state, event.ts)
    if (event.type === 'step.state' && event.data.kind === 'model' && event.data.state !== 'sent') {
      const model = modelLabel(event.data.name)
      modelCalls.inc({ model, state: event.data.state })
      cost.inc({ model }, event.data.cost_micros)
    }
  }

  async function follow(): Promise<void> {
    const forever = new AbortController().signal
    let after = core.events.lastId()
    for (;;) {
      let some = false
      for await (const item of core.events.stream({ after }, forever)) {
        some = true
        if (item.kind !== 'event') continue
        after = item.event.id
        see(item.event)
      }
      // Ended with nothing in between: core has closed. Otherwise it was too slow for a moment and goes on.
      if (!some) return
    }
  }
  follow().catch((fault: unknown) => log?.error('Metrics do not follow core any more', { error: String(fault) }))

  function look(): void {
    const status = core.system.status()
    depth.set({ kind: 'task' }, status.queued)
    depth.set({ kind: 'job' }, core.jobs.counts().queued)
    running.set({ state: 'running' }, status.running)
    running.set({ state: 'ready' }, status.queued)
    running.set({ state: 'waiting' }, status.waiting)
    needsYou.set(status.needs_you)
    for (const { name, state } of status.services) services.set({ service: name }, state === 'healthy' ? 1 : 0)
    const { day, month, global } = core.budget.get()
    for (const [scope, part] of Object.entries({ day, month, global })) {
      budget.set({ scope, part: 'settled' }, part.settled_micros)
      budget.set({ scope, part: 'reserved' }, part.reserved_micros)
      if (part.limit_micros === null) budget.remove({ scope, part: 'limit' })
      else budget.set({ scope, part: 'limit' }, part.limit_micros)
    }
    const stats = core.locks.stats()
    const sum = (of: (kind: (typeof stats.kinds)[number]) => number) =>
      stats.kinds.reduce((total, kind) => total + of(kind), 0)
    locks.set(stats.active)
    const now = {
      granted: sum((k) => k.granted),
      timeouts: sum((k) => k.timeouts),
      waited_ms: sum((k) => k.wait_ms_total),
    }
    lockGrants.inc({ status: 'granted' }, Math.max(0, now.granted - lockBefore.granted))
    lockGrants.inc({ status: 'timeout' }, Math.max(0, now.timeouts - lockBefore.timeouts))
    lockWait.inc(Math.max(0, now.waited_ms - lockBefore.waited_ms) / 1_000)
    Object.assign(lockBefore, now)
    const used = process.cpuUsage()
    const cpuNow = (used.user + used.system) / 1e6
    cpu.inc(cpuNow - cpuBefore)
    cpuBefore = cpuNow
    const { rss, heapUsed } = process.memoryUsage()
    memory.set({ kind: 'rss' }, rss)
    memory.set({ kind: 'heap' }, heapUsed)
    for (const quantile of [50, 95, 99]) {
      delay.set({ quantile: String(quantile / 100) }, loop.percentile(quantile) / 1e9)
    }
    loop.reset()
    uptime.set(core.system.health().metrics.uptime_seconds)
  }

  return {
    answered({ method, route, status, seconds }) {
      const labels = { method: METHODS.has(method) ? method : 'other', endpoint: route }
      requests.inc({ ...labels, status: String(status) })
      duration.observe(labels, seconds)
    },
    webhookVerified: (status) => webhooks.inc({ status }),
    webhookProcessed: (seconds) => webhookSeconds.observe(seconds),
    streamOpened: () => streams.inc(),
    streamClosed: () => streams.dec(),
    streamSent: (count = 1) => sent.inc(count),
    async text() {
      look()
      return { content_type: registry.contentType, text: await registry.metrics() }
    },
  }
}
