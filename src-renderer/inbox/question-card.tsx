import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Approval, MAX_ANSWER, questionOf } from '#contract/approval.ts'
import type { Project } from '#contract/project.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { Button } from '../parts/button.tsx'
import { TextArea } from '../parts/field.tsx'
import { Kbd } from '../parts/kbd.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { toastFault } from '../parts/toast.tsx'
import { navigate } from '../route.ts'
import { inboxTexts as texts } from '../texts/inbox.ts'
import { visible } from '../texts/visible.ts'
import { DecisionCard } from './decision-card.tsx'

/** A model's question to the user (T2). What it wrote is shown as plain text. */
export function QuestionCard({ approval, project }: { approval: Approval; project: Project | undefined }) {
  const client = useClient()
  const queries = useQueryClient()
  const [text, setText] = useState('')
  const { question, options } = questionOf(approval.arguments)
  const decide = useMutation({
    mutationFn: (note: string | null) =>
      client.approvals.decide({ id: approval.id, decision: note === null ? 'deny' : 'allow', note: note ?? '' }),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.approvals }),
    onError: toastFault,
  })
  const open = () => navigate({ page: 'project', projectId: approval.project_id, taskId: approval.task_id })
  const leave = () => decide.mutate(null)
  return (
    <DecisionCard
      mark={<StateShape state="waiting" needsYou size={12} label={false} />}
      kind={texts.question}
      title={project?.name ?? approval.project_id}
      why={texts.questionWhy}
      onKey={{ o: open, ...(decide.isPending ? {} : { d: leave }) }}
      effect={
        <form
          className="flex flex-col gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            if (text.trim() !== '') decide.mutate(text.trim())
          }}
        >
          <p className="max-h-64 overflow-auto whitespace-pre-wrap rounded border bg-sunk p-2 [overflow-wrap:anywhere]">
            {visible(question)}
          </p>
          {options.length > 0 && (
            <ul aria-label={texts.options} className="flex flex-wrap gap-2">
              {options.map((option) => (
                <li key={option}>
                  <Button busy={decide.isPending} onClick={() => decide.mutate(option)}>
                    {visible(option)}
                  </Button>
                </li>
              ))}
            </ul>
          )}
          <TextArea
            rows={2}
            aria-label={texts.answer}
            placeholder={texts.answer}
            maxLength={MAX_ANSWER}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={open}>
              {texts.open} <Kbd keys="O" />
            </Button>
            <Button busy={decide.isPending} onClick={leave}>
              {texts.leave} <Kbd keys="D" />
            </Button>
            <Button type="submit" variant="primary" busy={decide.isPending} disabled={text.trim() === ''}>
              {texts.send}
            </Button>
          </div>
        </form>
      }
    />
  )
}
