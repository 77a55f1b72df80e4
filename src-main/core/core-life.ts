import { decodeId } from '#contract/ids.ts'
import type { BatchLoop } from './batch/batch-loop.ts'
import type { Core, Log } from './core.ts'
import type { EventFeed } from './event/event-feed.ts'
import type { Executor } from './execution/executor.ts'
import type { BackupService } from './health/daily-backup.ts'
import type { HealthMonitor } from './health/health-monitor.ts'
import type { ServiceRunner } from './health/service-runner.ts'
import type { Jobs } from './job/job-service.ts'
import type { LazyKnowledge } from './knowledge/lazy-knowledge.ts'
import type { Leases } from './lock/leases.ts'
import type { Mcp } from './mcp/mcp-service.ts'
import type { UsageView } from './model/usage-view.ts'
import type { ProjectView } from './project/project-view.ts'
import type { Backups } from './store/backups.ts'
import type { SettingsStore } from './store/settings-store.ts'
import type { Store } from './store/store.ts'
import type { Surroundings } from './surroundings.ts'
import type { Webhooks } from './webhook/webhook-service.ts'

export interface LifeParts {
  readonly store: Store
  readonly settings: SettingsStore
  readonly log: Log
  readonly surroundings: Surroundings
  readonly executor: Executor
  readonly batchLoop: BatchLoop
  readonly card: { close(): void }
  readonly knowledge: LazyKnowledge
  readonly webhooks: Webhooks
  readonly jobs: Jobs
  readonly runner: ServiceRunner
  readonly monitor: HealthMonitor
  readonly backups: Backups
  readonly backupService: BackupService
  readonly mcp: Mcp
  readonly leases: Leases
  readonly feed: EventFeed
  readonly projectView: ProjectView
  readonly usageView: UsageView
  closePulls(): void
  /** Ends every stream of events. */
  readonly closing: AbortController
}

/** How core begins to work, rests and ends. The order of the end matters: what asks ends before what is asked. */
export function createLife(parts: LifeParts): Pick<Core, 'execute' | 'idle' | 'close'> {
  const { executor, knowledge, log, projectView } = parts
  const stateOf = (id: string): string => {
    const found = projectView.get(id)
    return found.ok ? found.value.state : ''
  }
  return {
    execute(projects) {
      if (projects === 'all') parts.backupService.startDaily()
      const keys = projects === 'all' ? projects : projects.map((id) => decodeId('project', id) ?? -1)
      parts.surroundings.prepared().then(
        () => {
          executor.allow(keys)
          knowledge
            .begin()
            .catch((cause: unknown) => log.error('Knowledge could not be gone on with', { error: String(cause) }))
          parts.webhooks.begin()
          if (projects !== 'all') return
          parts.runner.startAll()
          parts.jobs.begin()
        },
        (cause: unknown) =>
          log.error('Nothing can run: what a dead process left could not be settled', { error: String(cause) }),
      )
    },
    async idle(projectId) {
      const busy = (): boolean =>
        projectId === undefined ? executor.counts().running > 0 : ['planning', 'executing'].includes(stateOf(projectId))
      do await executor.quiet()
      while (busy() && (await pause(20)))
    },
    async close(graceMs = parts.settings.settings().shutdown_ms) {
      await parts.surroundings.close()
      parts.monitor.stop()
      parts.closePulls()
      parts.jobs.close()
      await parts.webhooks.close()
      parts.backupService.stop()
      await parts.backups.close()
      const stopping = executor.stop(graceMs)
      const resting = parts.batchLoop.close(graceMs)
      // Who waits for the card has nothing to finish.
      parts.card.close()
      const stopped = await stopping
      await knowledge.close()
      await parts.usageView.close()
      await resting
      // After the runs, which may have been asking them.
      await parts.mcp.close()
      await parts.runner.close()
      parts.leases.close()
      parts.closing.abort()
      parts.feed.close()
      parts.store.close()
      return stopped
    },
  }
}

async function pause(ms: number): Promise<true> {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return true
}
