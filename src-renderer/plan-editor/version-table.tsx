import type { ReactNode } from 'react'
import type { PlanTask } from '#contract/plan.ts'
import { Chip, type Tone } from '../parts/chip.tsx'
import { classNames } from '../parts/class-names.ts'
import { planTexts } from './texts.ts'
import type { FieldComparison, ListEntry, PlanComparison, TaskComparison, TaskField } from './version-diff.ts'

const texts = planTexts.diff
/** Lists of short names. */
const IN_ONE_LINE: ReadonlySet<TaskField> = new Set(['tools', 'depends_on'])
const TONES: Record<TaskComparison['kind'], Tone> = { added: 'good', removed: 'bad', changed: 'accent' }

/** What differs between two versions, the earlier at the left; every difference is said in words, too. */
export function VersionTable({ comparison, from, to }: { comparison: PlanComparison; from: string; to: string }) {
  const { title, summary, tasks } = comparison
  if (tasks.length === 0 && title === null && summary === null) return null
  return (
    <table className="w-full table-fixed border-separate border-spacing-0 text-xs">
      <thead>
        <tr className="text-left text-ink-3">
          <th scope="col" className="w-28 border-b py-1 pr-3 font-medium">
            {texts.field}
          </th>
          <th scope="col" className="border-b py-1 pr-3 font-medium">
            {from}
          </th>
          <th scope="col" className="border-b py-1 font-medium">
            {to}
          </th>
        </tr>
      </thead>
      <tbody>
        {title !== null && <TextRow label={texts.planTitle} {...title} />}
        {summary !== null && <TextRow label={texts.planSummary} {...summary} />}
      </tbody>
      {tasks.map((task) => (
        <TaskRows key={`${task.kind} ${task.key}`} task={task} />
      ))}
    </table>
  )
}

function TaskRows({ task }: { task: TaskComparison }) {
  const { title } = task.after ?? task.before
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={3} className="pt-4 pb-1 text-left text-sm font-normal">
          <span className="flex items-center gap-2">
            <Chip tone={TONES[task.kind]}>{texts.kinds[task.kind]}</Chip>
            <span className="font-mono text-xs text-ink-3">{task.key}</span>
            <span className="min-w-0 truncate font-medium">{title}</span>
          </span>
        </th>
      </tr>
      {task.kind === 'changed' ? (
        task.fields.map((field) => <FieldRow key={field.field} field={field} />)
      ) : (
        <Row
          label={texts.task}
          before={task.before === null ? <Missing /> : <Gone>{outline(task.before)}</Gone>}
          after={task.after === null ? <Missing /> : <New>{outline(task.after)}</New>}
        />
      )}
    </tbody>
  )
}

function FieldRow({ field }: { field: FieldComparison }) {
  const label = texts.fields[field.field]
  if (field.kind === 'text') {
    // No tier is a choice, too.
    const none = field.field === 'tier' ? texts.byRouting : ''
    return <TextRow label={label} before={field.before || none} after={field.after || none} />
  }
  return (
    <Row
      label={label}
      before={<Entries field={field.field} entries={field.entries.filter((entry) => entry.in !== 'after')} />}
      after={<Entries field={field.field} entries={field.entries.filter((entry) => entry.in !== 'before')} />}
    />
  )
}

function TextRow({ label, before, after }: { label: string; before: string; after: string }) {
  return (
    <Row
      label={label}
      before={before === '' ? <Missing /> : <Gone>{before}</Gone>}
      after={after === '' ? <Missing /> : <New>{after}</New>}
    />
  )
}

/** The entries of a list in one version, those that the other has not marked by a word. */
function Entries({ field, entries }: { field: TaskField; entries: readonly ListEntry[] }) {
  if (entries.length === 0) return <Missing />
  return (
    <ul className={IN_ONE_LINE.has(field) ? 'flex flex-wrap gap-x-3' : undefined}>
      {entries.map((entry) => (
        <li key={entry.value}>
          {entry.in === 'both' && entry.value}
          {entry.in === 'before' && (
            <Gone>
              {texts.gone}: {entry.value}
            </Gone>
          )}
          {entry.in === 'after' && (
            <New>
              {texts.fresh}: {entry.value}
            </New>
          )}
        </li>
      ))}
    </ul>
  )
}

function Row({ label, before, after }: { label: string; before: ReactNode; after: ReactNode }) {
  const cell = 'border-b py-1 pr-3 align-top break-words whitespace-pre-wrap'
  return (
    <tr>
      <th scope="row" className={classNames(cell, 'text-left font-normal text-ink-3')}>
        {label}
      </th>
      <td className={cell}>{before}</td>
      <td className={cell}>{after}</td>
    </tr>
  )
}

const Gone = ({ children }: { children: ReactNode }) => <del className="text-bad no-underline">{children}</del>
const New = ({ children }: { children: ReactNode }) => <ins className="text-good no-underline">{children}</ins>
const Missing = () => <span className="text-ink-3">{texts.nothing}</span>

/** What a task is, in a line. */
function outline({ type, complexity, tier, depends_on: on, tools }: PlanTask): string {
  return [
    `${complexity} ${type}`,
    `tier ${tier ?? texts.byRouting}`,
    on.length === 0 ? texts.waitsForNothing : texts.waitsFor(on),
    ...(tools.length === 0 ? [] : [texts.with(tools)]),
  ].join(', ')
}
