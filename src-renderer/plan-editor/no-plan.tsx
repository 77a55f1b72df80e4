import { useQueryClient } from '@tanstack/react-query'
import { FilePen } from 'lucide-react'
import type { PlanDocument } from '#contract/plan.ts'
import type { Project } from '#contract/project.ts'
import { keys } from '../client/keys.ts'
import { Button, LinkButton } from '../parts/button.tsx'
import { EmptyState, ErrorNote } from '../parts/notes.tsx'
import { Progress } from '../parts/progress.tsx'
import { useCall, useProjectCall } from '../project/use-call.ts'
import { hrefOf } from '../route.ts'
import { planTexts } from './texts.ts'

/** What stands where a plan will be: how to get one, that one is being written, or why there is none. */
export function NoPlan({ project }: { project: Project }) {
  const texts = planTexts.empty
  const queries = useQueryClient()
  const plan = useProjectCall(project.id, (client) => client.projects.plan({ id: project.id }))
  const goOn = useProjectCall(project.id, (client) => client.projects.start({ id: project.id }))
  const stop = useProjectCall(project.id, (client) => client.projects.stopPlanning({ id: project.id }))
  const byHand = useCall(
    (client) => client.projects.addPlan({ id: project.id, document: firstDraft(project), source: 'user' }),
    () => {
      void queries.invalidateQueries({ queryKey: keys.plans(project.id) })
      void queries.invalidateQueries({ queryKey: keys.project(project.id) })
    },
  )
  const write = (
    <Button busy={byHand.isBusy} onClick={() => byHand.run(undefined)}>
      {texts.byHand}
    </Button>
  )
  const start = (label: string) => (
    <Button variant="primary" busy={plan.isBusy} onClick={() => plan.run(undefined)}>
      {label}
    </Button>
  )
  if (project.state === 'planning') {
    return (
      <EmptyState
        title={texts.planning}
        action={
          <Button busy={stop.isBusy} onClick={() => stop.run(undefined)}>
            {texts.stop}
          </Button>
        }
      >
        <p className="mb-4">{project.reason === '' ? texts.planningWhy : `${project.reason} ${texts.planningWhy}`}</p>
        <Progress value={null} label={texts.planning} />
      </EmptyState>
    )
  }
  if (project.state === 'waiting') {
    return (
      <EmptyState
        title={texts.waiting}
        action={
          <>
            <Button variant="primary" busy={goOn.isBusy} onClick={() => goOn.run(undefined)}>
              {texts.goOn}
            </Button>
            <LinkButton href={hrefOf({ page: 'settings', section: 'limits' })}>{texts.limits}</LinkButton>
            <Button busy={stop.isBusy} onClick={() => stop.run(undefined)}>
              {texts.stop}
            </Button>
          </>
        }
      >
        {project.reason}
      </EmptyState>
    )
  }
  if (project.state === 'failed') {
    return (
      <div className="mx-auto mt-10 flex w-full max-w-2xl flex-col gap-3 px-6">
        <ErrorNote what={texts.failed} why={project.reason === '' ? texts.failedWhy : project.reason} />
        <div className="flex gap-2">
          {start(texts.again)}
          {write}
        </div>
      </div>
    )
  }
  return (
    <EmptyState
      icon={<FilePen size={28} />}
      title={texts.draft}
      action={
        <>
          {start(texts.plan)}
          {write}
        </>
      }
    >
      {project.reason === '' ? texts.draftWhy : project.reason}
    </EmptyState>
  )
}

/** A plan of one task, to begin with. */
function firstDraft(project: Project): PlanDocument {
  return {
    title: project.name,
    summary: '',
    tasks: [
      {
        key: 't1',
        title: 'First task',
        description: project.requirements.slice(0, 20_000),
        type: 'writing',
        complexity: 'simple',
        tier: null,
        tools: [],
        depends_on: [],
        acceptance: [],
        verify_command: null,
        write_scope: [],
        hosts: [],
        artifacts: [],
      },
    ],
  }
}
