import { useState } from 'react'
import { tier } from '#contract/states.ts'
import { changeTask, type Task } from '#contract/task.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, Select, TextArea, TextField } from '../../parts/field.tsx'
import { ErrorNote } from '../../parts/notes.tsx'
import { taskTexts } from '../texts.ts'
import { useCall } from '../use-call.ts'
import { useShowTask } from './use-show-task.ts'

/** Changes a task that is not running; with `retries`, it starts again afterwards. */
export function EditTaskDialog({ task, retries, onClose }: { task: Task; retries: boolean; onClose: () => void }) {
  const [title, setTitle] = useState(task.title)
  const [description, setDescription] = useState(task.description)
  const [chosenTier, setTier] = useState(task.tier ?? 'none')
  const [acceptance, setAcceptance] = useState(task.acceptance.join('\n'))
  const [command, setCommand] = useState(task.verify_command ?? '')
  const [artifacts, setArtifacts] = useState(task.artifacts.join('\n'))
  const [tools, setTools] = useState(task.tools.join(', '))
  const [priority, setPriority] = useState(String(task.priority))
  const parsed = changeTask.safeParse({
    title,
    description,
    tier: chosenTier === 'none' ? null : chosenTier,
    acceptance: lines(acceptance),
    verify_command: command.trim() === '' ? null : command,
    artifacts: lines(artifacts),
    tools: tools.split(/[\s,;]+/).filter(Boolean),
    priority: Number(priority),
  })
  const issue = parsed.error?.issues[0]
  const showAnswer = useShowTask(task.project_id)
  const save = useCall(
    async (client, change: typeof parsed.data) => {
      const changed = await client.tasks.change({ ...change, id: task.id })
      return retries ? await client.tasks.retry({ id: task.id, from: 'start' }) : changed
    },
    (changed) => {
      showAnswer(changed)
      onClose()
    },
  )
  const texts = taskTexts.edit
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={task.title}
      footer={
        <>
          <Button onClick={onClose}>{texts.notNow}</Button>
          <Button variant="primary" busy={save.isBusy} disabled={!parsed.success} onClick={() => save.run(parsed.data)}>
            {retries ? taskTexts.actions.saveRetry : taskTexts.actions.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-1">
        <TextField label={texts.title} value={title} onChange={(event) => setTitle(event.target.value)} />
        <Field label={texts.description}>
          {(ids) => (
            <TextArea {...ids} rows={6} value={description} onChange={(event) => setDescription(event.target.value)} />
          )}
        </Field>
        <div className="grid grid-cols-3 gap-4">
          <Field label={texts.tier}>
            {(ids) => (
              <Select
                {...ids}
                className="w-full"
                value={chosenTier}
                onChange={setTier}
                options={[
                  { value: 'none' as const, label: texts.byRouting },
                  ...tier.options.map((value) => ({ value, label: value })),
                ]}
              />
            )}
          </Field>
          <TextField
            label={texts.priority}
            inputMode="numeric"
            value={priority}
            onChange={(event) => setPriority(event.target.value)}
          />
          <TextField label={texts.tools} value={tools} onChange={(event) => setTools(event.target.value)} />
        </div>
        <div className="grid grid-cols-2 gap-4">
          <Field label={texts.acceptance}>
            {(ids) => (
              <TextArea {...ids} rows={3} value={acceptance} onChange={(event) => setAcceptance(event.target.value)} />
            )}
          </Field>
          <Field label={texts.artifacts}>
            {(ids) => (
              <TextArea {...ids} rows={3} value={artifacts} onChange={(event) => setArtifacts(event.target.value)} />
            )}
          </Field>
        </div>
        <Field label={texts.verify}>
          {(ids) => (
            <TextArea
              {...ids}
              rows={2}
              className="font-mono"
              value={command}
              onChange={(event) => setCommand(event.target.value)}
            />
          )}
        </Field>
        {issue !== undefined && <ErrorNote what={texts.cannotBe(issue.path.join('.'))} why={issue.message} />}
      </div>
    </Dialog>
  )
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
