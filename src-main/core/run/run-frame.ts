import type { ModelProfile } from '#contract/model.ts'
import type { Tier } from '#contract/states.ts'
import type { BatchBook } from '../batch/batch-book.ts'
import type { Ledger } from '../budget/ledger.ts'
import type { Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Failpoint } from '../failpoint.ts'
import type { GpuCard } from '../gpu/gpu-card.ts'
import type { ImageShelf } from '../image/image-shelf.ts'
import type { LazyKnowledge } from '../knowledge/lazy-knowledge.ts'
import type { Mcp } from '../mcp/mcp-service.ts'
import type { ModelCatalog } from '../model/catalog.ts'
import type { PriceTable } from '../model/price-table.ts'
import type { ModelProvider } from '../model/provider.ts'
import type { ProviderBoard } from '../model/provider-status.ts'
import type { RouteOutcomes } from '../model/route-outcomes.ts'
import type { Router } from '../model/router.ts'
import type { Sight } from '../model/sight.ts'
import type { createUsageLog } from '../model/usage-log.ts'
import type { KeyUse } from '../secret/key-use.ts'
import type { ProjectRow, RunRow, TaskRow } from '../store/schema.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { ToolRegistry } from '../tool/registry.ts'
import type { CheckpointRecorder } from '../workspace/checkpoint-recorder.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { ApprovalGate } from './approvals.ts'
import type { CallSlots } from './call-slots.ts'
import type { Journal } from './journal.ts'
import type { PhaseTrail } from './phase-trail.ts'
import type { RunControl } from './run-control.ts'

/** What every run stands on. */
export interface RunServices {
  readonly store: Store
  readonly events: EventLog
  readonly ledger: Ledger
  readonly batches: BatchBook
  readonly journal: Journal
  readonly settings: SettingsStore
  readonly prices: PriceTable
  readonly board: ProviderBoard
  readonly tools: ToolRegistry
  readonly mcp: Pick<Mcp, 'tools' | 'endRun'>
  readonly approvals: ApprovalGate
  readonly checkpoints: CheckpointRecorder
  /** Looks again for git and the sandbox where they could not be looked for. */
  needPrograms(): Promise<void>
  readonly gpu: GpuCard
  readonly callSlots: CallSlots
  readonly keyUse: KeyUse
  readonly knowledge: Pick<LazyKnowledge, 'search' | 'isThere'>
  readonly images: ImageShelf
  readonly sight: Sight
  readonly log: Log
  readonly failpoint: Failpoint
  readonly noteUsage: ReturnType<typeof createUsageLog>
  readonly router: Pick<Router, 'route' | 'next'>
  readonly catalog: Pick<ModelCatalog, 'provider'>
  readonly outcomes: RouteOutcomes
  /** The price-table model whose price local work is compared with: "saved by local models" (B5). */
  paidModelFor(tier: Tier | null): string | null
}

/** One run that is being gone through. */
export interface RunFrame {
  readonly services: RunServices
  readonly run: RunRow
  readonly project: ProjectRow
  readonly task: TaskRow | null
  readonly profile: ModelProfile
  readonly provider: ModelProvider
  readonly workspace: Workspace
  readonly control: RunControl
  readonly trail: PhaseTrail
}
