import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Plan } from '#contract/plan.ts'
import type { Client } from '../client/client.ts'
import { keys } from '../client/keys.ts'
import { Button } from '../parts/button.tsx'
import { toastDone } from '../parts/toast.tsx'
import { useCall, useProjectCall } from '../project/use-call.ts'
import { navigate } from '../route.ts'
import { carryComments } from './draft-store.ts'
import { NoteDialog } from './note-dialog.tsx'
import { formerKeys } from './task-names.ts'
import { planTexts } from './texts.ts'
import type { PlanCheck } from './use-plan-check.ts'
import type { PlanDraft } from './use-plan-draft.ts'

/**
 * Save, reject, ask for a revision, approve. Edits are stored as the next version before anything is decided, and
 * approval authorises exactly the amount that its button names.
 */
export function PlanDecision({
  plan,
  draft,
  check,
  hasUnreadText,
  onStop = null,
}: {
  plan: Plan
  draft: PlanDraft
  check: PlanCheck
  hasUnreadText: boolean
  /** Ends a change of the approved plan of which no version is stored yet; null where there is one to decide on. */
  onStop?: (() => void) | null
}) {
  const queries = useQueryClient()
  const [asking, setAsking] = useState<'reject' | 'revise' | null>(null)
  const upTo = (check.estimate ?? plan.estimate).upper_micros

  /** The plan to decide on: the stored one, or the edits as a new version. */
  const settled = async (client: Client): Promise<Plan> => {
    if (!draft.isDirty) return plan
    const was = formerKeys(draft.document, draft.history.names, plan.document)
    const saved = await client.plans.edit({ id: plan.id, document: draft.document, note: '', was })
    carryComments(plan.id, saved.id, was)
    draft.forget()
    return saved
  }
  const reload = () => {
    for (const queryKey of [keys.plans(plan.project_id), keys.project(plan.project_id)]) {
      void queries.invalidateQueries({ queryKey })
    }
  }
  const save = useCall(
    (client) => settled(client),
    (saved: Plan) => {
      queries.setQueryData<readonly Plan[]>(keys.plans(plan.project_id), (known) => known && [...known, saved])
      reload()
      toastDone(planTexts.saved(saved.version))
    },
  )
  useSaveKey(draft.isDirty && !hasUnreadText && !save.isBusy, () => save.run(undefined))
  const approve = useProjectCall(
    plan.project_id,
    async (client, micros: number) => {
      const saved = await settled(client)
      // Where the approval is refused, the saved version is the one to decide on.
      if (saved.id !== plan.id) reload()
      return await client.plans.approve({ id: saved.id, authorise_micros: micros })
    },
    () => {
      toastDone(planTexts.approved)
      navigate({ page: 'project', projectId: plan.project_id, taskId: null })
    },
  )
  const close = () => setAsking(null)
  const reject = useProjectCall(
    plan.project_id,
    (client, note: string) => client.plans.reject({ id: plan.id, note }),
    close,
  )
  const revise = useProjectCall(
    plan.project_id,
    async (client, note: string) => await client.plans.revise({ id: (await settled(client)).id, note }),
    close,
  )
  const isUnchanged = onStop !== null && !draft.isDirty
  const blocked = isUnchanged ? planTexts.change.nothing : whyNotApprove(check, hasUnreadText)
  return (
    <div className="flex items-center gap-2">
      {draft.isDirty && (
        <Button busy={save.isBusy} onClick={() => save.run(undefined)} title={planTexts.unsaved}>
          {onStop === null ? planTexts.save(plan.version + 1) : planTexts.change.propose}
        </Button>
      )}
      {onStop === null ? (
        <>
          <Button variant="quiet" onClick={() => setAsking('reject')}>
            {planTexts.reject}
          </Button>
          <Button onClick={() => setAsking('revise')}>{planTexts.revise}</Button>
        </>
      ) : (
        <Button variant="quiet" onClick={onStop}>
          {planTexts.change.stop}
        </Button>
      )}
      <span title={blocked ?? undefined}>
        <Button variant="primary" busy={approve.isBusy} disabled={blocked !== null} onClick={() => approve.run(upTo)}>
          {planTexts.approve(upTo)}
        </Button>
      </span>
      {asking === 'reject' && (
        <NoteDialog
          title={planTexts.rejectTitle}
          label={planTexts.rejectNote}
          hint={planTexts.rejectWhy}
          action={planTexts.reject}
          isDanger
          isBusy={reject.isBusy}
          onClose={close}
          onSend={reject.run}
        />
      )}
      {asking === 'revise' && (
        <NoteDialog
          title={planTexts.reviseTitle}
          label={planTexts.reviseLabel}
          hint={`${planTexts.reviseHint(plan.comments.length)}${draft.isDirty ? ` ${planTexts.reviseDirty}` : ''}`}
          action={planTexts.reviseSend}
          isNeeded={plan.comments.length === 0}
          isBusy={revise.isBusy}
          onClose={close}
          onSend={revise.run}
        />
      )}
    </div>
  )
}

/** Ctrl-S saves what is edited. */
function useSaveKey(canSave: boolean, save: () => void): void {
  const latest = useRef({ canSave, save })
  useEffect(() => {
    latest.current = { canSave, save }
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return
      event.preventDefault()
      // A field hands over what was typed when it is left.
      const field = document.activeElement
      if (field instanceof HTMLElement && field.matches('input, textarea, select')) field.blur()
      // A moment later, when that is part of the plan.
      setTimeout(() => {
        if (latest.current.canSave) latest.current.save()
      })
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}

function whyNotApprove(check: PlanCheck, hasUnreadText: boolean): string | null {
  if (hasUnreadText) return planTexts.approveText
  if (check.isPending) return planTexts.approveChecking
  return check.problems.length > 0 ? planTexts.approveBlocked(check.problems.length) : null
}
