import { and, asc, count, eq } from 'drizzle-orm'
import { decodeId, encodeId } from '#contract/ids.ts'
import { MAX_PLAN_COMMENTS, type PlanComment } from '#contract/plan.ts'
import { ok, type Result } from '#contract/result.ts'
import { toTimestamp } from '#contract/time.ts'
import type { EventLog } from '../event/event-log.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { type PlanCommentRow, type PlanRow, planComment } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

/** What people write about single tasks of a version of a plan (P5). */
export interface PlanComments {
  /** Those of a version, oldest first. */
  of(planId: number): PlanComment[]
  add(plan: PlanRow, comment: { task: string; text: string; author: string }): Promise<Result<void, Refusal>>
  remove(plan: PlanRow, id: string): Promise<Result<void, Refusal>>
  /**
   * Hands comments of a version on to the one that a person made of it, as far as their tasks are still there. `was`:
   * what tasks were called in `from`, where that does not follow from their keys; null for new ones.
   */
  carry(tx: Tx, from: number, to: PlanRow, was: Readonly<Record<string, string | null>>): void
}

export function createPlanComments(store: Store, events: EventLog): PlanComments {
  const rowsOf = (planId: number): PlanCommentRow[] =>
    store.orm
      .select()
      .from(planComment)
      .where(eq(planComment.plan_id, planId))
      .orderBy(asc(planComment.created_at), asc(planComment.id))
      .all()

  return {
    of: (planId) => rowsOf(planId).map(view),
    async add(plan, { task, text, author }) {
      if (!plan.document.tasks.some(({ key }) => key === task))
        return refuse(
          'bad_request',
          `Version ${plan.version} of the plan has no task ${task}. Save the changed plan first, then comment on that version.`,
        )
      const isFull = await store.tryWrite((tx) => {
        const known = tx.orm.select({ all: count() }).from(planComment).where(eq(planComment.plan_id, plan.id)).get()
        if ((known?.all ?? 0) >= MAX_PLAN_COMMENTS) return true
        tx.orm
          .insert(planComment)
          .values({
            ...{ project_id: plan.project_id, plan_id: plan.id, task_key: task, author, text },
            created_at: Date.now(),
          })
          .run()
        tell(tx, plan, task, 'added')
        return false
      })
      if (!isFull) return ok(undefined)
      return refuse(
        'conflict',
        `Version ${plan.version} has ${MAX_PLAN_COMMENTS} comments, the most that one can have.`,
      )
    },
    async remove(plan, id) {
      const key = decodeId('plan_comment', id)
      const removed = await store.tryWrite((tx) => {
        const row = tx.orm
          .delete(planComment)
          .where(and(eq(planComment.id, key ?? -1), eq(planComment.plan_id, plan.id)))
          .returning()
          .get()
        if (row !== undefined) tell(tx, plan, row.task_key, 'removed')
        return row !== undefined
      })
      if (removed) return ok(undefined)
      return refuse('not_found', `Version ${plan.version} of the plan has no comment ${id}; it may be gone already.`)
    },
    carry(tx, from, to, was) {
      const before = new Map(Object.entries(was))
      const keyNow = new Map<string, string>()
      for (const { key } of to.document.tasks) {
        const known = before.get(key)
        if (known !== null) keyNow.set(known ?? key, key)
      }
      const rows = tx.orm
        .select()
        .from(planComment)
        .where(eq(planComment.plan_id, from))
        .orderBy(asc(planComment.id))
        .all()
      for (const { id: _, ...row } of rows) {
        const key = keyNow.get(row.task_key)
        if (key !== undefined)
          tx.orm
            .insert(planComment)
            .values({ ...row, plan_id: to.id, task_key: key })
            .run()
      }
    },
  }

  function tell(tx: Tx, { id, project_id }: PlanRow, task: string, change: 'added' | 'removed'): void {
    events.append(tx, 'plan.commented', { project_id }, { plan_id: encodeId('plan', id), task, change })
  }
}

function view(row: PlanCommentRow): PlanComment {
  return {
    id: encodeId('plan_comment', row.id),
    task: row.task_key,
    author: row.author,
    text: row.text,
    created_at: toTimestamp(row.created_at),
  }
}

/** What a planner is told that revises a version: the user's note and the comments on its tasks, as one text. */
export function revisionNote(note: string, plan: PlanRow, comments: readonly PlanComment[]): string {
  const titleOf = new Map(plan.document.tasks.map(({ key, title }) => [key, title]))
  const lines = comments.map(({ task, text }) => `- ${task} (${titleOf.get(task) ?? ''}): ${text}`)
  const told = lines.length === 0 ? '' : `On single tasks of version ${plan.version}:\n${lines.join('\n')}`
  return [note.trim(), told].filter((part) => part !== '').join('\n\n')
}
