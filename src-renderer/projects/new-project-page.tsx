import { useRef, useState } from 'react'
import { MAX_REQUIREMENTS } from '#contract/requirements.ts'
import { useModels, useStatus } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { classNames } from '../parts/class-names.ts'
import { Field, Select, Switch, TextArea, TextField } from '../parts/field.tsx'
import { Kbd } from '../parts/kbd.tsx'
import { FaultNote } from '../parts/notes.tsx'
import { Page } from '../parts/page.tsx'
import { money } from '../texts/figures.ts'
import { newProjectTexts as texts } from '../texts/projects.ts'
import { AttachmentsField, DropTarget } from './attachments-field.tsx'
import { checkDraft } from './check-draft.ts'
import { useNewProjectDraft } from './new-project-draft.ts'
import { NoModelNote } from './no-model-note.tsx'
import { MAX_FILES, readAttachment } from './read-attachment.ts'
import { useCreateProject } from './use-create-project.ts'

const set = useNewProjectDraft.setState

/** What is wanted, with what, where and for how much. */
export default function NewProjectPage() {
  const draft = useNewProjectDraft()
  const status = useStatus()
  const create = useCreateProject()
  const [refusals, setRefusals] = useState<readonly string[]>([])
  const [dragging, setDragging] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const errors = checkDraft(draft)
  const isEmpty = draft.requirements.trim() === ''
  const day = status.data?.day
  const left =
    day?.limit_micros == null ? null : Math.max(0, day.limit_micros - day.settled_micros - day.reserved_micros)

  const submit = () => {
    if (!isEmpty && Object.keys(errors).length === 0 && !create.isPending) create.mutate(draft)
  }
  const addFiles = async (files: readonly File[]) => {
    setDragging(false)
    const refused: string[] = []
    for (const file of files) {
      const read = await readAttachment(file)
      const kept = useNewProjectDraft.getState().attachments.filter((other) => other.name !== file.name)
      if (!read.ok) refused.push(read.error)
      else if (kept.length >= MAX_FILES) refused.push(texts.refusedMany(file.name))
      else set({ attachments: [...kept, read.value] })
    }
    setRefusals(refused)
  }

  return (
    <Page
      title={texts.title}
      actions={
        <>
          <Kbd keys="Ctrl Enter" />
          <Button
            variant="primary"
            busy={create.isPending}
            disabled={isEmpty || Object.keys(errors).length > 0}
            onClick={submit}
          >
            {texts.create}
          </Button>
        </>
      }
      fill
    >
      <form
        ref={form}
        aria-label={texts.title}
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault()
            submit()
          }
        }}
        onDragEnter={(event) => event.dataTransfer.types.includes('Files') && setDragging(true)}
        onDragLeave={(event) => {
          // Leaving for a child is not leaving.
          if (!(event.relatedTarget instanceof Node && form.current?.contains(event.relatedTarget))) setDragging(false)
        }}
        className="relative flex min-h-0 flex-1 flex-col gap-4 overflow-auto px-6 py-5"
      >
        {dragging && <DropTarget onFiles={(files) => void addFiles(files)} />}
        {draft.profile === '' && <NoModelNote onDemo={(profile) => set({ profile })} />}
        {create.error !== null && <FaultNote error={create.error} retry={submit} />}
        <div className="grid flex-1 gap-8 lg:min-h-96 lg:grid-cols-[minmax(0,1fr)_18rem] lg:grid-rows-[minmax(0,1fr)]">
          <div className="flex min-h-80 flex-col gap-4">
            <Field
              label={texts.requirements}
              error={errors.requirements}
              hint={texts.requirementsHint}
              className="min-h-0 flex-1"
            >
              {(ids) => (
                <div className="relative flex min-h-0 flex-1">
                  <TextArea
                    {...ids}
                    autoFocus
                    name="requirements"
                    value={draft.requirements}
                    placeholder={texts.placeholder}
                    onChange={(event) => set({ requirements: event.target.value })}
                    className="resize-none px-3 pt-2.5 pb-7 text-md"
                  />
                  <span
                    className={classNames(
                      'figures pointer-events-none absolute right-3 bottom-2 rounded-sm bg-surface px-1 text-xs',
                      draft.requirements.length > MAX_REQUIREMENTS ? 'text-bad' : 'text-ink-3',
                    )}
                  >
                    {texts.counter(draft.requirements.length)}
                  </span>
                </div>
              )}
            </Field>
            <AttachmentsField
              files={draft.attachments}
              refusals={refusals}
              onFiles={(files) => void addFiles(files)}
              onRemove={(name) => set({ attachments: draft.attachments.filter((file) => file.name !== name) })}
            />
          </div>
          <div className="flex flex-col gap-3 lg:-m-1 lg:min-h-0 lg:overflow-auto lg:p-1">
            <TextField
              label={texts.budget}
              name="budget"
              inputMode="decimal"
              placeholder="2.00"
              value={draft.budget}
              onChange={(event) => set({ budget: event.target.value })}
              hint={texts.budgetHint(left === null ? null : money(left))}
              error={errors.budget}
            />
            <ModelField />
            <Switch
              label={texts.localOnly}
              hint={status.data?.local_only === true ? texts.localOnlyGlobal : texts.localOnlyHint}
              checked={draft.local_only || status.data?.local_only === true}
              disabled={status.data?.local_only === true}
              onChange={(local_only) => set({ local_only })}
            />
            <Switch
              label={texts.canWait}
              hint={texts.canWaitHint}
              checked={draft.can_wait}
              onChange={(can_wait) => set({ can_wait })}
            />
            <hr className="my-2" />
            <TextField
              label={texts.name}
              name="name"
              maxLength={200}
              value={draft.name}
              onChange={(event) => set({ name: event.target.value })}
              hint={texts.nameHint}
            />
            <TextField
              label={texts.workspace}
              name="workspace"
              placeholder="/home/you/work"
              spellCheck={false}
              value={draft.workspace}
              onChange={(event) => set({ workspace: event.target.value })}
              hint={texts.workspaceHint}
              error={errors.workspace}
            />
            <p className="mt-auto text-xs text-ink-3">{texts.createHint}</p>
          </div>
        </div>
        {/* A form sends on Enter only where it has a button. */}
        <button type="submit" hidden />
      </form>
    </Page>
  )
}

function ModelField() {
  const models = useModels()
  const profile = useNewProjectDraft((draft) => draft.profile)
  const chosen = models.data?.find((model) => model.name === profile)
  const options = (models.data ?? []).map((model) => ({
    value: model.name,
    label: model.available ? model.display_name : texts.notAvailable(model.display_name, model.reason),
    disabled: !model.available,
  }))
  return (
    <Field label={texts.model} hint={chosen?.provider === 'demo' ? texts.demoNote : texts.modelHint}>
      {(ids) => (
        <Select
          {...ids}
          value={chosen?.name ?? ''}
          options={[{ value: '', label: texts.byRouting }, ...options]}
          onChange={(name) => set({ profile: name })}
        />
      )}
    </Field>
  )
}
