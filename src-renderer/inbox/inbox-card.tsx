import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { KeyboardEvent, ReactNode } from 'react'
import type { Project } from '#contract/project.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { usePlan } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { Kbd } from '../parts/kbd.tsx'
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
      onKey={{ o: open, ...(plan === undefined || change.isPending ? {} : { a: () => change.mutate() }) }}
    >
      <Button onClick={open}>
        {texts.openPlan} <Kbd keys="O" />
      </Button>
      {plan !== undefined && (
        <Button variant="primary" busy={change.isPending} onClick={() => change.mutate()}>
          {plan.estimate.high_micros === 0 ? texts.approveLocal : texts.approve(money(plan.estimate.high_micros))}{' '}
          <Kbd keys="A" />
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
  const open = () => navigate({ page: 'project', projectId: project.id, taskId: null })
  return (
    <Card
      project={project}
      title={isWaiting ? texts.stopped : texts.failed}
      why={project.reason}
      needsYou={isWaiting}
      onKey={{ o: open, ...(isWaiting && !goOn.isPending ? { a: () => goOn.mutate() } : {}) }}
    >
      <Button onClick={open}>
        {texts.open} <Kbd keys="O" />
      </Button>
      {isWaiting && (
        <>
          <Button onClick={() => navigate({ page: 'settings', section: 'limits' })}>{texts.raise}</Button>
          <Button variant="primary" busy={goOn.isPending} onClick={() => goOn.mutate()}>
            {texts.goOn} <Kbd keys="A" />
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
  onKey,
  children,
}: {
  project: Project
  title: string
  why: string
  needsYou: boolean
  /** What a letter does while the card has the focus. */
  onKey: Readonly<Record<string, () => void>>
  children: ReactNode
}) {
  return (
    <article
      aria-label={`${title}: ${project.name}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: letters and arrows decide on the card that has the focus
      tabIndex={0}
      onKeyDown={(event) => steer(event, onKey)}
      className="flex flex-col gap-2 rounded border bg-surface p-4"
    >
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

function steer(event: KeyboardEvent<HTMLElement>, onKey: Readonly<Record<string, () => void>>): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const neighbour =
    event.key === 'ArrowDown'
      ? event.currentTarget.nextElementSibling
      : event.key === 'ArrowUp'
        ? event.currentTarget.previousElementSibling
        : null
  const act = onKey[event.key.toLowerCase()]
  if (neighbour instanceof HTMLElement) neighbour.focus()
  else if (act !== undefined) act()
  else return
  event.preventDefault()
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
