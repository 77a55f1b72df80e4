import { Inbox } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Project } from '#contract/project.ts'
import { passes } from '#contract/waiting.ts'
import { useApprovals, useBudget, useProjects, useUsageCalls } from '../client/queries.ts'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Page } from '../parts/page.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { useShownState } from '../project/use-shown-state.ts'
import { hrefOf } from '../route.ts'
import { inboxTexts as texts } from '../texts/inbox.ts'
import { stateTexts } from '../texts/states.ts'
import { ApprovalCard } from './approval-card.tsx'
import { FailureCard, hasFailed } from './failure-card.tsx'
import { LostReplyCard, PlanCard, StopCard } from './inbox-card.tsx'
import { QuestionCard } from './question-card.tsx'

const RECENT = 5
const MAX_LOST = 10

/** One card per decision; where there is none, what runs and what finished (U2). */
export default function InboxPage() {
  const projects = useProjects()
  const budget = useBudget()
  const approvals = useApprovals().data ?? []
  const hasLost = (budget.data?.global.unconfirmed_micros ?? 0) > 0
  const all = projects.data ?? []
  const plans = all.filter((project) => project.state === 'awaiting_approval' || project.replan?.state === 'proposed')
  const comesBack = ({ state, waiting_on }: Project) => state === 'waiting' && passes(waiting_on)
  const stops = all.filter((project) => project.state === 'waiting' && !comesBack(project))
  const failures = all.filter(hasFailed)
  const running = all.filter(
    (project) => project.state === 'executing' || project.state === 'planning' || comesBack(project),
  )
  const finished = all
    .filter((project) => project.state === 'succeeded')
    .sort((a, b) => b.updated_at.localeCompare(a.updated_at))
    .slice(0, RECENT)
  return (
    <Page title={texts.title} subtitle={texts.subtitle}>
      {projects.error !== null ? (
        <FaultNote error={projects.error} retry={() => void projects.refetch()} />
      ) : projects.data === undefined ? (
        <SkeletonRows />
      ) : (
        <div className="mx-auto flex w-full max-w-3xl flex-col gap-3">
          {approvals.map((approval) => {
            const Card = approval.kind === 'question' ? QuestionCard : ApprovalCard
            const project = all.find(({ id }) => id === approval.project_id)
            return <Card key={approval.id} approval={approval} project={project} />
          })}
          {stops
            // Its cards are those above.
            .filter((project) => project.waiting_on !== 'approval')
            .map((project) => (
              <StopCard key={project.id} project={project} />
            ))}
          {plans.map((project) => (
            <PlanCard key={project.id} project={project} />
          ))}
          {hasLost && <LostReplies projects={all} />}
          {failures.map((project) => (
            <FailureCard key={`failed ${project.id}`} project={project} />
          ))}
          {approvals.length + plans.length + stops.length + failures.length === 0 && !hasLost && (
            <EmptyState icon={<Inbox size={28} strokeWidth={1.5} />} title={texts.empty}>
              {texts.emptyHint}
            </EmptyState>
          )}
          <ShortList title={texts.running} projects={running} />
          <ShortList title={texts.finished} projects={finished} />
        </div>
      )}
    </Page>
  )
}

/** One card per call; a long list is for the usage page. */
function LostReplies({ projects }: { projects: readonly Project[] }): ReactNode {
  const calls = useUsageCalls('unconfirmed')
  const entries = calls.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      {entries.slice(0, MAX_LOST).map((entry) => (
        <LostReplyCard
          key={entry.id}
          entry={entry}
          project={projects.find((project) => project.id === entry.project_id)}
        />
      ))}
      {entries.length > MAX_LOST && (
        <a href={hrefOf({ page: 'usage' })} className="text-ink-2 hover:underline">
          {texts.moreLost(entries.length - MAX_LOST)}
        </a>
      )}
    </>
  )
}

function ShortList({ title, projects }: { title: string; projects: readonly Project[] }): ReactNode {
  const stateOf = useShownState()
  if (projects.length === 0) return null
  return (
    <section aria-label={title} className="mt-4">
      <h2 className="mb-1 text-xs font-medium text-ink-3">{title}</h2>
      <ul>
        {projects.map((project) => (
          <li key={project.id}>
            <a
              href={hrefOf({ page: 'project', projectId: project.id, taskId: null })}
              className="flex h-9 items-center gap-2 rounded px-2 hover:bg-hover"
            >
              <StateShape state={stateOf(project)} label={false} />
              <span className="truncate">{project.name}</span>
              <span className="flex-1 truncate text-ink-3">{project.state === 'waiting' ? project.reason : ''}</span>
              <span className="shrink-0 text-ink-3">
                {project.waiting_on === null ? stateTexts[stateOf(project)] : texts.stoppedBy[project.waiting_on]}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
