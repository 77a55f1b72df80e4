import { Braces, GitFork, History, Table2 } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { CurrentPlan, Plan } from '#contract/plan.ts'
import type { Project } from '#contract/project.ts'
import { isGone } from '../client/fault.ts'
import { useCurrentPlan, usePlans, useProject } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { ConfirmDialog } from '../parts/dialog.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Page } from '../parts/page.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { ViewSwitch } from '../parts/tabs.tsx'
import { GonePage } from '../project/gone-page.tsx'
import { estimateWords } from '../project/words.ts'
import { hrefOf } from '../route.ts'
import { changeDraftId, forgetDraft, keepText, readDraft, readText } from './draft-store.ts'
import { fixedTasks, NOTHING_FIXED } from './fixed-tasks.ts'
import { NoPlan } from './no-plan.tsx'
import { focusField, PlanAside } from './plan-aside.tsx'
import { ChangeActions, ChangeSummary } from './plan-change.tsx'
import { PlanDecision } from './plan-decision.tsx'
import { PlanEstimateTable } from './plan-estimate.tsx'
import { PlanGraph } from './plan-graph.tsx'
import { planKey } from './plan-keys.ts'
import { EditNotice, PlanNotes } from './plan-notes.tsx'
import { PlanTable } from './plan-table.tsx'
import { PlanTextView } from './plan-text-view.tsx'
import { PlanToolbar } from './plan-toolbar.tsx'
import { PlanVersions } from './plan-versions.tsx'
import type { TaskNames } from './task-names.ts'
import { planTexts } from './texts.ts'
import { usePlanCheck } from './use-plan-check.ts'
import { usePlanDraft } from './use-plan-draft.ts'
import { usePlanSelection } from './use-plan-selection.ts'

type View = 'table' | 'graph' | 'text'

const VIEWS = [
  { value: 'table' as const, label: planTexts.views.table, icon: <Table2 size={14} aria-hidden /> },
  { value: 'graph' as const, label: planTexts.views.graph, icon: <GitFork size={14} aria-hidden /> },
  { value: 'text' as const, label: planTexts.views.text, icon: <Braces size={14} aria-hidden /> },
]

/** The plan of a project: read, edit, decide (P4, P5). */
export default function PlanEditorPage({ projectId }: { projectId: string }) {
  const project = useProject(projectId)
  const plans = usePlans(projectId)
  const isCarriedOut = project.data !== undefined && hasTasks(project.data)
  const current = useCurrentPlan(projectId, isCarriedOut)
  const [isChanging, setChanging] = useState<boolean | null>(null)
  const error = project.error ?? plans.error ?? current.error
  if (isGone(project.error)) return <GonePage />
  if (project.data === undefined || plans.data === undefined || (isCarriedOut && current.data === undefined)) {
    return (
      <Page title={planTexts.title}>
        {error === null ? (
          <SkeletonRows rows={8} />
        ) : (
          <FaultNote
            error={error}
            retry={() => void Promise.all([project.refetch(), plans.refetch(), current.refetch()])}
          />
        )}
      </Page>
    )
  }
  const plan = newest(plans.data)
  const isUnplanned = Object.values(project.data.task_counts).every((count) => count === 0)
  // A planner that waits, for money or a service, is gone on with or stopped like one at work.
  if (plan === null || project.data.state === 'planning' || (project.data.state === 'waiting' && isUnplanned)) {
    return (
      <Page title={<PlanTitle project={project.data} />}>
        <NoPlan project={project.data} />
      </Page>
    )
  }
  const shared = { project: project.data, plans: plans.data, current: current.data ?? null }
  const approved = plans.data.find(({ id }) => id === project.data.plan_id)
  // A change with edits that were kept goes on after a reload.
  if (isChanging === null && approved !== undefined) setChanging(readDraft(changeDraftId(approved.id)) !== null)
  if (isChanging === true && plan.state !== 'proposed' && approved !== undefined && current.data !== undefined) {
    return (
      <ChangedPlan
        key={`change of ${approved.id}`}
        {...shared}
        approved={approved}
        begun={current.data}
        onStop={() => {
          forgetDraft(changeDraftId(approved.id))
          setChanging(false)
        }}
      />
    )
  }
  return <PlanEditor key={plan.id} {...shared} plan={plan} onChange={() => setChanging(true)} />
}

/** Whether its plan is changed while its tasks go on. */
function hasTasks({ kind, state, task_counts }: Project): boolean {
  return kind === 'plan' && state !== 'cancelled' && Object.values(task_counts).some((count) => count > 0)
}

/** A change of the approved plan, beginning with the tasks as they were when it was begun. */
function ChangedPlan({
  approved,
  begun,
  ...rest
}: Omit<Parameters<typeof PlanEditor>[0], 'plan' | 'onChange'> & {
  approved: Plan
  begun: CurrentPlan
  onStop: () => void
}) {
  const [document] = useState(begun.document)
  const plan = useMemo(() => ({ ...approved, document }), [approved, document])
  return <PlanEditor {...rest} plan={plan} />
}

function newest(plans: readonly Plan[]): Plan | null {
  return plans.reduce<Plan | null>((best, plan) => (best === null || plan.version > best.version ? plan : best), null)
}

function PlanTitle({ project }: { project: Project }) {
  return (
    <>
      <a href={hrefOf({ page: 'project', projectId: project.id, taskId: null })} className="hover:underline">
        {project.name}
      </a>
      <span className="font-normal text-ink-3"> / {planTexts.title}</span>
    </>
  )
}

function PlanEditor({
  project,
  plan,
  plans,
  current,
  onChange,
  onStop = null,
}: {
  project: Project
  plan: Plan
  plans: readonly Plan[]
  /** The tasks as they are, of a project that is carried out. */
  current: CurrentPlan | null
  /** Begins a change of the approved plan. */
  onChange?: () => void
  /** Given where the approved plan is being changed. */
  onStop?: (() => void) | null
}) {
  const isEditable = plan.state === 'proposed' || plan.state === 'draft' || onStop !== null
  const fixed = useMemo(() => (current === null ? NOTHING_FIXED : fixedTasks(current)), [current])
  const draft = usePlanDraft(plan, isEditable, onStop !== null, fixed)
  const check = usePlanCheck(plan, draft.document)
  const [unreadText, setUnreadText] = useUnreadText(plan.id, isEditable)
  const [view, setView] = useState<View>(unreadText === null ? 'table' : 'text')
  const [dialog, setDialog] = useState<'versions' | 'discard' | null>(null)
  const { document, dispatch } = draft
  const choosing = usePlanSelection(document, draft.history.select)
  const grid = useRef<HTMLDivElement>(null)
  const aside = useRef<HTMLElement>(null)
  const onOpen = (what: 'fields' | 'comments') => focusField(aside.current, what)
  const comments = useMemo(() => countComments(plan, draft.history.names), [plan, draft.history.names])
  const shared = { document, estimate: check.estimate, choosing, comments, onOpen, dispatch, isEditable }
  useUndoKeys(isEditable && view !== 'text', draft)
  return (
    <Page
      fill
      title={<PlanTitle project={project} />}
      subtitle={
        <span className="figures" title={planTexts.title}>
          {check.estimate === null ? 'No estimate while the plan has problems' : estimateWords(check.estimate)}
        </span>
      }
      actions={
        isEditable ? (
          <PlanDecision plan={plan} draft={draft} check={check} hasUnreadText={unreadText !== null} onStop={onStop} />
        ) : (
          current !== null && onChange !== undefined && <ChangeActions project={project} onChange={onChange} />
        )
      }
    >
      <div className="flex shrink-0 flex-col gap-1 border-b px-6 py-2">
        {document.summary !== '' && (
          <p title={document.summary} className="line-clamp-2 max-w-4xl text-ink-2">
            {document.summary}
          </p>
        )}
        {check.estimate !== null && <PlanEstimateTable estimate={check.estimate} />}
        <div className="flex items-center gap-3">
          <ViewSwitch label="View of the plan" value={view} onChange={setView} views={VIEWS} />
          {isEditable && view !== 'text' && <PlanToolbar draft={draft} chosen={choosing.chosen} />}
          <EditNotice history={draft.history} onDismiss={() => dispatch({ kind: 'dismiss' })} />
          {(draft.isDirty || unreadText !== null) && (
            <Button small variant="quiet" onClick={() => setDialog('discard')}>
              {planTexts.discard}
            </Button>
          )}
          <Button small icon={<History size={14} />} onClick={() => setDialog('versions')}>
            {planTexts.versions(plan.version)}
            {draft.isDirty && ', edited'}
          </Button>
        </div>
        {isEditable && current !== null && (
          <>
            <p className="text-xs text-ink-3">{planTexts.change.goesOn}</p>
            <ChangeSummary current={current} document={document} dispatch={dispatch} />
          </>
        )}
        {!isEditable && project.replan?.state === 'failed' && (
          <p className="text-xs text-bad">{planTexts.change.failed(project.replan.reason)}</p>
        )}
        {unreadText !== null && <p className="text-xs text-bad">{planTexts.approveText}</p>}
        {isEditable && unreadText === null && (
          <PlanNotes
            plan={plan}
            check={check}
            onJump={(key) => {
              setView('table')
              choosing.choose(key, 'only')
            }}
          />
        )}
        {!isEditable && (
          <p className="flex items-center gap-2 text-xs text-ink-2">
            <StateShape state={plan.state} />
            {plan.state !== 'draft' && plan.state !== 'proposed' && planTexts.readOnly[plan.state]}
          </p>
        )}
      </div>
      {view === 'text' ? (
        <PlanTextView
          document={document}
          text={unreadText}
          onText={setUnreadText}
          dispatch={dispatch}
          isEditable={isEditable}
        />
      ) : (
        <div className="flex min-h-0 flex-1">
          <div className="flex min-w-0 flex-1 flex-col">
            {view === 'table' ? (
              <PlanTable ref={grid} {...shared} problems={check.problems} fixed={fixed} />
            ) : (
              <PlanGraph {...shared} />
            )}
            {isEditable && (
              <p id="plan-table-keys" className="shrink-0 border-t px-4 py-1.5 text-xs text-ink-3">
                {view === 'table' ? planTexts.keys : planTexts.graphHint}
              </p>
            )}
          </div>
          <PlanAside
            ref={aside}
            {...{ plan, draft, check, choosing, isEditable }}
            onLeave={() => grid.current?.focus()}
          >
            {view === 'table' && (
              <div className="h-2/5 min-h-40 border-b">
                <PlanGraph {...shared} />
              </div>
            )}
          </PlanAside>
        </div>
      )}
      {dialog === 'versions' && (
        <PlanVersions
          plans={plans}
          document={document}
          estimate={check.estimate}
          isEdited={draft.isDirty}
          onClose={() => setDialog(null)}
        />
      )}
      <ConfirmDialog
        open={dialog === 'discard'}
        onClose={() => setDialog(null)}
        onConfirm={() => {
          dispatch({ kind: 'edit', edit: { kind: 'replace', document: plan.document } })
          setUnreadText(null)
          setView('table')
          setDialog(null)
        }}
        title={planTexts.discardTitle}
        action={planTexts.discard}
      >
        {planTexts.discardWhy(plan.version)}
      </ConfirmDialog>
    </Page>
  )
}

/** How many comments the stored version has, by the keys that its tasks have now. */
function countComments({ comments }: Plan, names: TaskNames): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { task } of comments) counts.set(task, (counts.get(task) ?? 0) + 1)
  return new Map([...names].map(([key, stored]) => [key, stored === null ? 0 : (counts.get(stored) ?? 0)]))
}

/** What was typed as JSON and cannot be read yet; it survives a reload. */
function useUnreadText(planId: string, isEditable: boolean): [string | null, (text: string | null) => void] {
  const [text, setText] = useState(() => (isEditable ? readText(planId) : null))
  const change = (next: string | null) => {
    setText(next)
    keepText(planId, next)
  }
  return [text, change]
}

/** Ctrl-Z works wherever the focus is, except in a field, which has an undo of its own. */
function useUndoKeys(isOn: boolean, draft: ReturnType<typeof usePlanDraft>): void {
  const { dispatch, document } = draft
  useEffect(() => {
    if (!isOn) return
    const onKey = (event: KeyboardEvent) => {
      if (
        event.defaultPrevented ||
        (event.target instanceof Element && event.target.closest('input, textarea, select'))
      )
        return
      const action = planKey(event, document, [])
      if (action?.kind !== 'undo' && action?.kind !== 'redo') return
      event.preventDefault()
      dispatch(action)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [isOn, dispatch, document])
}
