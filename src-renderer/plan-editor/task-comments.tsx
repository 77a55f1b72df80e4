import { useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Plan } from '#contract/plan.ts'
import { keys } from '../client/keys.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { TextArea } from '../parts/field.tsx'
import { useCall } from '../project/use-call.ts'
import { dateTime } from '../texts/figures.ts'
import { keepComment, readComment } from './draft-store.ts'
import { planTexts } from './texts.ts'

const texts = planTexts.comments

/** What people wrote about one task of a stored version, and a field to write more. */
export function TaskComments({
  plan,
  task,
  stored,
}: {
  plan: Plan
  /** Its key now. */
  task: string
  /** Its key in the stored version; null where it is new. */
  stored: string | null
}) {
  const queries = useQueryClient()
  const [text, setKept] = useState(() => (stored === null ? '' : readComment(plan.id, stored)))
  /** Half a comment is there again when the task is, and after a reload. */
  const setText = (next: string) => {
    setKept(next)
    if (stored !== null) keepComment(plan.id, stored, next)
  }
  const keep = (changed: Plan) =>
    queries.setQueryData<readonly Plan[]>(keys.plans(plan.project_id), (known) =>
      known?.map((each) => (each.id === changed.id ? changed : each)),
    )
  const add = useCall(
    (client, wanted: string) => client.plans.comment({ id: plan.id, task: stored ?? task, text: wanted }),
    (changed: Plan) => {
      keep(changed)
      setText('')
    },
  )
  const remove = useCall((client, id: string) => client.plans.uncomment({ id: plan.id, comment_id: id }), keep)
  const comments = plan.comments.filter((comment) => comment.task === stored)
  const send = () => {
    if (text.trim() !== '' && !add.isBusy) add.run(text.trim())
  }
  return (
    <section aria-label={texts.of(task)} data-part="comments" className="flex flex-col gap-2">
      {comments.length > 0 && (
        <ul className="flex flex-col gap-1">
          {comments.map((comment) => (
            <li key={comment.id} className="rounded border bg-sunk px-2 py-1.5">
              <p className="flex items-center gap-2 text-xs text-ink-3">
                <span className="min-w-0 flex-1 truncate">
                  {comment.author}, {dateTime(comment.created_at)}
                </span>
                <IconButton
                  label={texts.remove}
                  icon={<Trash2 size={12} />}
                  className="size-5"
                  onClick={() => remove.run(comment.id)}
                />
              </p>
              <p className="break-words whitespace-pre-wrap">{comment.text}</p>
            </li>
          ))}
        </ul>
      )}
      {stored !== null ? (
        <>
          <TextArea
            aria-label={texts.label(task)}
            placeholder={texts.label(task)}
            title={texts.hint}
            rows={text === '' ? 1 : 3}
            value={text}
            maxLength={2_000}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send()
            }}
          />
          {text.trim() !== '' && (
            <div className="flex items-start gap-2">
              <Button small busy={add.isBusy} onClick={send}>
                {texts.send}
              </Button>
              <p className="text-xs text-ink-3">{texts.hint}</p>
            </div>
          )}
        </>
      ) : (
        <p className="text-xs text-ink-3">{texts.unsaved}</p>
      )}
    </section>
  )
}
