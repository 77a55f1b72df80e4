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
import { visible } from '../texts/visible.ts'
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
  const { command, url, ...rest } = approval.arguments
  const host = approval.risk === 'network' && typeof url === 'string' && URL.canParse(url) ? new URL(url).host : null
  const allowHost = useMutation({
    mutationFn: async (name: string) => {
      const { allowed_hosts, id } = await client.projects.get({ id: approval.project_id })
      await client.projects.change({ id, allowed_hosts: [...new Set([...allowed_hosts, name])] })
      return client.approvals.decide({ id: approval.id, decision: 'allow' })
    },
    onSettled: () => queries.invalidateQueries({ queryKey: keys.approvals }),
    onError: toastFault,
  })
  return (
    <DecisionCard
      mark={<StateShape state="waiting" needsYou size={12} label={false} />}
      kind={approval.kind === 'repeat' ? texts.repeat : texts.ask(approval.tool)}
      title={project?.name ?? approval.project_id}
      why={approval.kind === 'repeat' ? texts.repeatWhy : texts.askWhy[approval.risk]}
      onKey={{ o: open, ...(answer.isPending ? {} : { a: allow('once'), d: deny }) }}
      effect={
        <section aria-label={texts.effect}>
          <pre className="max-h-64 overflow-auto whitespace-pre-wrap rounded border bg-sunk p-2 text-xs">
            {[command, url].filter((text) => typeof text === 'string').map((text) => `${visible(text)}\n`)}
            <span className="text-ink-3">{visible(JSON.stringify(rest))}</span>
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
          {host === null ? (
            <Button busy={answer.isPending} onClick={allow('project')}>
              {texts.allowProject}
            </Button>
          ) : (
            <Button busy={allowHost.isPending} onClick={() => allowHost.mutate(host)}>
              {texts.allowHost(host)}
            </Button>
          )}
        </>
      )}
      <Button variant="primary" busy={answer.isPending} onClick={allow('once')}>
        {texts.allow} <Kbd keys="A" />
      </Button>
    </DecisionCard>
  )
}
