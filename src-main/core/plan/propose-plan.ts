import { and, eq, max } from 'drizzle-orm'
import { encodeId } from '#contract/ids.ts'
import type { PlanDocument, PlanRepair } from '#contract/plan.ts'
import type { EventLog } from '../event/event-log.ts'
import { type PlanRow, plan as planTable, project as projectTable } from '../store/schema.ts'
import type { Tx } from '../store/write-queue.ts'
import type { HasTasks } from './has-tasks.ts'

export interface NewPlan {
  readonly project_id: number
  readonly source: PlanRow['source']
  readonly document: PlanDocument
  readonly repairs: readonly PlanRepair[]
  readonly note: string
}

/**
 * Stores the next version of a project's plan as the one proposed; earlier proposals are superseded. A project that has an
 * approved plan goes on with that until the new one is approved (P7).
 */
export type ProposePlan = (tx: Tx, plan: NewPlan) => PlanRow

export function createProposePlan(events: EventLog, hasTasks: HasTasks): ProposePlan {
  return (tx, { project_id, source, document, repairs, note }) => {
    const older = tx.orm
      .update(planTable)
      .set({ state: 'superseded' })
      .where(and(eq(planTable.project_id, project_id), eq(planTable.state, 'proposed')))
      .returning({ id: planTable.id })
      .all()
    for (const { id } of older) {
      events.append(tx, 'plan.state', { project_id }, { plan_id: encodeId('plan', id), state: 'superseded' })
    }
    const last = tx.orm
      .select({ version: max(planTable.version) })
      .from(planTable)
      .where(eq(planTable.project_id, project_id))
      .get()
    const row = tx.orm
      .insert(planTable)
      .values({
        project_id,
        version: (last?.version ?? 0) + 1,
        state: 'proposed',
        source,
        document,
        repairs: [...repairs],
        note,
        created_at: Date.now(),
      })
      .returning()
      .get()
    const first = {
      plan_id: row.id,
      ...(isUntitled(tx, project_id) ? { name: document.title } : {}),
    }
    tx.orm
      .update(projectTable)
      .set({ updated_at: Date.now(), ...(hasTasks(project_id) ? {} : first) })
      .where(eq(projectTable.id, project_id))
      .run()
    const plan_id = encodeId('plan', row.id)
    events.append(tx, 'plan.proposed', { project_id }, { plan_id, version: row.version, tasks: document.tasks.length })
    if (repairs.length > 0) {
      events.append(tx, 'plan.repaired', { project_id }, { plan_id, repairs: repairs.map((repair) => repair.what) })
    }
    return row
  }
}

/** A project that nobody named takes the name that its plan found. */
function isUntitled(tx: Tx, projectId: number): boolean {
  const row = tx.orm
    .select({ name: projectTable.name, requirements: projectTable.requirements })
    .from(projectTable)
    .where(eq(projectTable.id, projectId))
    .get()
  return row !== undefined && row.name === provisionalName(row.requirements)
}

/** The first words of the requirements, until a plan or a person names the project. */
export function provisionalName(requirements: string): string {
  const line = requirements.trim().split('\n', 1)[0] ?? ''
  const characters = [...new Intl.Segmenter().segment(line)].slice(0, 60).map((part) => part.segment)
  return characters.join('').trim() || 'Untitled'
}
