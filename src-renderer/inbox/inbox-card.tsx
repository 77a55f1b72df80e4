import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Project } from '#contract/project.ts'
import type { UsageEntry } from '#contract/usage.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { useBudget, usePlan } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { Kbd } from '../parts/kbd.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { toastFault } from '../parts/toast.tsx'
import { RaiseLimit } from '../project/budget-stop.tsx'
import { canGoOn } from '../project/can-go-on.ts'
import { navigate } from '../route.ts'
import { counted, durationRange, exactTime, money, moneyRange } from '../texts/figures.ts'
import { inboxTexts as texts } from '../texts/inbox.ts'
import { CorrectDialog, useCorrection } from '../usage/correct-dialog.tsx'
import { DecisionCard } from './decision-card.tsx'

/** A proposed plan, decidable without opening it. The button repeats the amount it authorises. */
export function PlanCard({ project }: { project: Project }) {
  const client = useClient()
  // Of a project that goes on, the change that is proposed.
  const plan = usePlan(project.replan?.plan_id ?? project.plan_id).data
  const change = useProjectChange(() =>
    plan === undefined
      ? Promise.resolve(project)
      : client.plans.approve({ id: plan.id, authorise_micros: plan.estimate.upper_micros }),
  )
  const open = () => navigate({ page: 'plan', projectId: project.id })
  return (
    <Card
      project={project}
      title={texts.planReady}
      why={
        plan === undefined
          ? project.reason
          : texts.planReadyWhy(
              counted(plan.document.tasks.length, 'task'),
              moneyRange(plan.estimate.low_micros, plan.estimate.high_micros),
              durationRange(plan.estimate.low_ms, plan.estimate.high_ms),
            )
      }
      needsYou
      onKey={{ o: open, ...(plan === undefined || change.isPending ? {} : { a: () => change.mutate() }) }}
    >
      <Button onClick={open}>
        {texts.openPlan} <Kbd keys="O" />
      </Button>
      {plan !== undefined && (
        <Button variant="primary" busy={change.isPending} onClick={() => change.mutate()}>
          {plan.estimate.upper_micros === 0 ? texts.approveLocal : texts.approve(money(plan.estimate.upper_micros))}{' '}
          <Kbd keys="A" />
        </Button>
      )}
    </Card>
  )
}

/** Work that waits: why, and the way on. */
export function StopCard({ project }: { project: Project }) {
  const client = useClient()
  const goOn = useProjectChange(() => client.projects.start({ id: project.id }))
  const budget = useBudget()
  const isMoney = project.waiting_on === 'budget'
  const isForYou = !isMoney && canGoOn(project)
  const open = () => navigate({ page: 'project', projectId: project.id, taskId: null })
  return (
    <Card
      project={project}
      title={project.waiting_on === null ? texts.stopped : texts.stoppedBy[project.waiting_on]}
      why={project.reason}
      needsYou
      onKey={{ o: open, ...(isForYou && !goOn.isPending ? { a: () => goOn.mutate() } : {}) }}
    >
      <Button onClick={open}>
        {texts.open} <Kbd keys="O" />
      </Button>
      {project.waiting_on === 'resource' && (
        <Button onClick={() => navigate({ page: 'services' })}>{texts.services}</Button>
      )}
      {isMoney && budget.data !== undefined && <RaiseLimit project={project} budget={budget.data} />}
      {isForYou && (
        <Button variant="primary" busy={goOn.isPending} onClick={() => goOn.mutate()}>
          {texts.goOn} <Kbd keys="A" />
        </Button>
      )}
    </Card>
  )
}

/** A call whose reply was lost: what it cost is for a person to say (B2). */
export function LostReplyCard({ entry, project }: { entry: UsageEntry; project: Project | undefined }) {
  const [isAsking, setAsking] = useState(false)
  const correction = useCorrection(() => undefined)
  const amount = money(entry.cost_micros)
  // Nothing went wrong with it: a person or the end of Baton came first.
  const wasStopped = entry.outcome === 'aborted'
  const keep = () => correction.mutate({ id: entry.id, cost_micros: entry.cost_micros })
  return (
    <>
      {isAsking && <CorrectDialog entry={entry} onClose={() => setAsking(false)} />}
      <DecisionCard
        mark={<StateShape state="unknown" needsYou size={12} label={false} />}
        kind={wasStopped ? texts.brokenOff : texts.lost}
        title={project === undefined ? texts.lostWhat(entry.model) : `${project.name}: ${entry.model}`}
        why={(wasStopped ? texts.brokenOffWhy : texts.lostWhy)(exactTime(entry.ts), amount)}
        onKey={{ e: () => setAsking(true), ...(correction.isPending ? {} : { a: keep }) }}
      >
        <Button busy={correction.isPending} onClick={keep}>
          {texts.keep(amount)} <Kbd keys="A" />
        </Button>
        <Button variant="primary" onClick={() => setAsking(true)}>
          {texts.correct} <Kbd keys="E" />
        </Button>
      </DecisionCard>
    </>
  )
}

function Card({
  project,
  title,
  why,
  needsYou,
  onKey,
  children,
}: {
  project: Project
  title: string
  why: string
  needsYou: boolean
  onKey: Readonly<Record<string, () => void>>
  children: ReactNode
}) {
  return (
    <DecisionCard
      mark={<StateShape state={project.state} needsYou={needsYou} size={12} label={false} />}
      kind={title}
      title={project.name}
      why={why}
      onKey={onKey}
    >
      {children}
    </DecisionCard>
  )
}

function useProjectChange(change: () => Promise<Project>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: (project) => {
      queries.setQueryData(keys.project(project.id), project)
      void queries.invalidateQueries({ queryKey: keys.project(project.id) })
      void queries.invalidateQueries({ queryKey: keys.projects })
      void queries.invalidateQueries({ queryKey: keys.status })
    },
    onError: toastFault,
  })
}
