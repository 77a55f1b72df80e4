import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Approval, ApprovalScope } from '#contract/approval.ts'
import type { Project } from '#contract/project.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { Button } from '../parts/button.tsx'
import { Kbd } from '../parts/kbd.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { toastFault } from '../parts/toast.tsx'
import { navigate } from '../route.ts'
import { inboxTexts as texts } from '../texts/inbox.ts'
import { DecisionCard } from './decision-card.tsx'

/** A tool call that waits for a person (T5): exactly what would be done, decidable in place. */
export function ApprovalCard({ approval, project }: { approval: Approval; project: Project | undefined }) {
  const client = useClient()
  const queries = useQueryClient()
  const answer = useMutation({
    mutationFn: (chosen: { decision: 'allow' | 'deny'; remember: ApprovalScope }) =>
      client.approvals.decide({ id: approval.id, ...chosen }),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.approvals }),
    onError: toastFault,
  })
  const allow = (remember: ApprovalScope) => () => answer.mutate({ decision: 'allow', remember })
  const deny = () => answer.mutate({ decision: 'deny', remember: 'once' })
  const open = () => navigate({ page: 'project', projectId: approval.project_id, taskId: approval.task_id })
  const { command, ...rest } = approval.arguments
  return (
    <DecisionCard
      mark={<StateShape state="waiting" needsYou size={12} label={false} />}
      kind={approval.kind === 'repeat' ? texts.repeat : texts.ask(approval.tool)}
      title={project?.name ?? approval.project_id}
      why={approval.kind === 'repeat' ? texts.repeatWhy : texts.askWhy}
      onKey={{ o: open, ...(answer.isPending ? {} : { a: allow('once'), d: deny }) }}
      effect={
        <section aria-label={texts.effect}>
          <pre className="max-h-64 overflow-auto whitespace-pre-wrap rounded border bg-sunk p-2 text-xs">
            {typeof command === 'string' && `${command}\n`}
            <span className="text-ink-3">{JSON.stringify(rest)}</span>
          </pre>
        </section>
      }
    >
      <Button onClick={open}>
        {texts.open} <Kbd keys="O" />
      </Button>
      <Button busy={answer.isPending} onClick={deny}>
        {texts.deny} <Kbd keys="D" />
      </Button>
      {approval.kind === 'call' && (
        <>
          <Button busy={answer.isPending} onClick={allow('task')}>
            {texts.allowTask}
          </Button>
          <Button busy={answer.isPending} onClick={allow('project')}>
            {texts.allowProject}
          </Button>
        </>
      )}
      <Button variant="primary" busy={answer.isPending} onClick={allow('once')}>
        {texts.allow} <Kbd keys="A" />
      </Button>
    </DecisionCard>
  )
}
