import type { PlanDocument } from '#contract/plan.ts'
import { complexity, taskType, tier } from '#contract/states.ts'
import { Button } from '../parts/button.tsx'
import { Field, Select } from '../parts/field.tsx'
import { TIER_CHOICES } from './columns.ts'
import { CommitText } from './commit-fields.tsx'
import { ListForAll } from './list-for-all.tsx'
import type { ListField } from './plan-bulk.ts'
import type { TaskChange } from './plan-edit.ts'
import type { HistoryAction } from './plan-history.ts'
import { edits } from './plan-keys.ts'
import { planTexts } from './texts.ts'

/** Stands for values that differ among the tasks. */
const DIFFERS = '(differs)'

/** Changes several tasks at once; each change is one step of undo. */
export function BulkForm({
  document,
  chosen,
  isEditable,
  dispatch,
}: {
  document: PlanDocument
  /** Keys of the tasks, in their order. */
  chosen: readonly string[]
  isEditable: boolean
  dispatch: (action: HistoryAction) => void
}) {
  const texts = planTexts.bulk
  const tasks = document.tasks.filter((task) => chosen.includes(task.key))
  const disabled = !isEditable
  const set = (change: TaskChange) => dispatch({ kind: 'edit', edit: { kind: 'set_all', keys: chosen, change } })
  const changeList = (field: ListField, add: string[], remove: string[]) =>
    dispatch({ kind: 'edit', edit: { kind: 'change_lists', keys: chosen, field, add, remove } })
  const listOf = (field: ListField) => ({
    lists: tasks.map((task) => task[field]),
    disabled,
    onAdd: (entry: string) => changeList(field, field === 'acceptance' ? [entry] : words(entry), []),
    onRemove: (entry: string) => changeList(field, [], [entry]),
  })
  return (
    <section aria-label={texts.label(chosen.length)} className="flex flex-col gap-1 p-4">
      <header className="mb-2">
        <h2 className="text-md font-semibold">{texts.label(chosen.length)}</h2>
        <p className="line-clamp-2 font-mono text-xs text-ink-3">{chosen.join(' ')}</p>
      </header>
      <div className="grid grid-cols-3 gap-2">
        <Choice
          label={texts.tier}
          values={tasks.map((task) => task.tier ?? '')}
          options={TIER_CHOICES}
          disabled={disabled}
          onChoose={(value) => set({ tier: tier.safeParse(value).data ?? null })}
        />
        <Choice
          label={texts.size}
          values={tasks.map((task) => task.complexity)}
          options={complexity.options.map(named)}
          disabled={disabled}
          onChoose={(value) => setParsed(complexity.safeParse(value).data, (size) => set({ complexity: size }))}
        />
        <Choice
          label={texts.type}
          values={tasks.map((task) => task.type)}
          options={taskType.options.map(named)}
          disabled={disabled}
          onChoose={(value) => setParsed(taskType.safeParse(value).data, (type) => set({ type }))}
        />
      </div>
      <ListForAll label={texts.tools} add={texts.addTool} {...listOf('tools')} />
      <ListForAll label={texts.checks} add={texts.addCheck} {...listOf('acceptance')} />
      <ListForAll
        label={texts.waits}
        add={texts.addWait}
        known={othersOf(document, chosen)}
        {...listOf('depends_on')}
      />
      <CommitText
        label={planTexts.form.verify}
        hint={texts.verifyHint}
        value={common(tasks.map((task) => task.verify_command ?? '')) ?? ''}
        onCommit={(command) => set({ verify_command: command.trim() === '' ? null : command })}
        disabled={disabled}
        mono
      />
      {isEditable && (
        <div className="flex flex-wrap gap-2">
          <Button small onClick={() => dispatch({ kind: 'edit', edit: edits.indent(chosen) })}>
            {texts.chain}
          </Button>
          <Button small onClick={() => dispatch({ kind: 'edit', edit: edits.duplicate(chosen) })}>
            {texts.duplicate}
          </Button>
          <Button small variant="danger" onClick={() => dispatch({ kind: 'edit', edit: edits.remove(chosen) })}>
            {texts.remove}
          </Button>
        </div>
      )}
    </section>
  )
}

function Choice({
  label,
  values,
  options,
  disabled,
  onChoose,
}: {
  label: string
  /** The value of each task. */
  values: readonly string[]
  options: readonly { value: string; label: string }[]
  disabled: boolean
  onChoose: (value: string) => void
}) {
  const shared = common(values)
  const differs = { value: DIFFERS, label: planTexts.bulk.differs, disabled: true }
  return (
    <Field label={label}>
      {(ids) => (
        <Select
          {...ids}
          value={shared ?? DIFFERS}
          options={shared === null ? [differs, ...options] : options}
          onChange={onChoose}
          disabled={disabled}
        />
      )}
    </Field>
  )
}

const named = (value: string) => ({ value, label: value })

/** The one value that all share; null where they differ. */
function common(values: readonly string[]): string | null {
  const [first] = values
  return first !== undefined && values.every((value) => value === first) ? first : null
}

function setParsed<Value>(value: Value | undefined, set: (value: Value) => void): void {
  if (value !== undefined) set(value)
}

function words(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))]
}

function othersOf({ tasks }: PlanDocument, chosen: readonly string[]): { value: string; label: string }[] {
  return tasks.filter((task) => !chosen.includes(task.key)).map((task) => ({ value: task.key, label: task.title }))
}
