import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Project } from '#contract/project.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { usePlan } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { toastFault } from '../parts/toast.tsx'
import { navigate } from '../route.ts'
import { counted, durationRange, money, moneyRange } from '../texts/figures.ts'
import { inboxTexts as texts } from '../texts/inbox.ts'

/** A proposed plan, decidable without opening it. The button repeats the amount it authorises. */
export function PlanCard({ project }: { project: Project }) {
  const client = useClient()
  const plan = usePlan(project.plan_id).data
  const change = useProjectChange(() =>
    plan === undefined
      ? Promise.resolve(project)
      : client.plans.approve({ id: plan.id, authorise_micros: plan.estimate.high_micros }),
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
    >
      <Button onClick={open}>{texts.openPlan}</Button>
      {plan !== undefined && (
        <Button variant="primary" busy={change.isPending} onClick={() => change.mutate()}>
          {plan.estimate.high_micros === 0 ? texts.approveLocal : texts.approve(money(plan.estimate.high_micros))}
        </Button>
      )}
    </Card>
  )
}

/** Work that stopped: why, and the way on. */
export function StopCard({ project }: { project: Project }) {
  const client = useClient()
  const goOn = useProjectChange(() => client.projects.start({ id: project.id }))
  const isWaiting = project.state === 'waiting'
  return (
    <Card project={project} title={isWaiting ? texts.stopped : texts.failed} why={project.reason} needsYou={isWaiting}>
      <Button onClick={() => navigate({ page: 'project', projectId: project.id, taskId: null })}>{texts.open}</Button>
      {isWaiting && (
        <>
          <Button onClick={() => navigate({ page: 'settings', section: 'limits' })}>{texts.raise}</Button>
          <Button variant="primary" busy={goOn.isPending} onClick={() => goOn.mutate()}>
            {texts.goOn}
          </Button>
        </>
      )}
    </Card>
  )
}

function Card({
  project,
  title,
  why,
  needsYou,
  children,
}: {
  project: Project
  title: string
  why: string
  needsYou: boolean
  children: ReactNode
}) {
  return (
    <article aria-label={`${title}: ${project.name}`} className="flex flex-col gap-2 rounded border bg-surface p-4">
      <div className="flex items-center gap-2 text-xs text-ink-2">
        <StateShape state={project.state} needsYou={needsYou} size={12} label={false} />
        {title}
      </div>
      <h2 className="text-md font-semibold">{project.name}</h2>
      {why !== '' && <p className="figures text-ink-2">{why}</p>}
      <div className="mt-1 flex justify-end gap-2">{children}</div>
    </article>
  )
}

function useProjectChange(change: () => Promise<Project>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: (project) => {
      queries.setQueryData(keys.project(project.id), project)
      void queries.invalidateQueries({ queryKey: keys.projects })
      void queries.invalidateQueries({ queryKey: keys.status })
    },
    onError: toastFault,
  })
}
