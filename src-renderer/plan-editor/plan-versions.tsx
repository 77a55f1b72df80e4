import { useState } from 'react'
import type { Plan, PlanDocument, PlanEstimate } from '#contract/plan.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Field, Select } from '../parts/field.tsx'
import { costRange } from '../project/words.ts'
import { dateTime, duration } from '../texts/figures.ts'
import { planTexts } from './texts.ts'
import { comparePlans } from './version-diff.ts'
import { VersionTable } from './version-table.tsx'

const texts = planTexts.diff

/** One side of the comparison: a stored version, or the plan as it is being edited. */
type Side = { id: string; name: string; document: PlanDocument; estimate: PlanEstimate | null; plan: Plan | null }

const NOW = 'now'

/** Any two versions of a plan side by side: tasks, fields, dependencies, cost, and what was said about each. */
export function PlanVersions({
  plans,
  document,
  estimate,
  isEdited,
  onClose,
}: {
  plans: readonly Plan[]
  /** The plan as it is being edited. */
  document: PlanDocument
  /** Of that; null while it has problems. */
  estimate: PlanEstimate | null
  /** It differs from what is stored. */
  isEdited: boolean
  onClose: () => void
}) {
  const stored = [...plans]
    .sort((one, two) => two.version - one.version)
    .map((plan): Side => {
      return {
        id: plan.id,
        name: planTexts.versions(plan.version),
        document: plan.document,
        estimate: plan.estimate,
        plan,
      }
    })
  const now: Side = { id: NOW, name: texts.now, document, estimate, plan: null }
  const sides = isEdited || stored.length === 0 ? [now, ...stored] : stored
  const [fromId, setFromId] = useState((sides[1] ?? sides[0])?.id ?? NOW)
  const [toId, setToId] = useState(sides[0]?.id ?? NOW)
  const from = sides.find(({ id }) => id === fromId) ?? now
  const to = sides.find(({ id }) => id === toId) ?? now
  const options = sides.map((side) => ({ value: side.id, label: labelOf(side) }))
  const comparison = comparePlans(from.document, to.document)
  return (
    <Dialog open wide onClose={onClose} title={texts.title}>
      <div className="grid grid-cols-2 gap-4">
        <Field label={texts.from} hint={noteOf(from)}>
          {(ids) => <Select {...ids} value={from.id} options={options} onChange={setFromId} />}
        </Field>
        <Field label={texts.to} hint={noteOf(to)}>
          {(ids) => <Select {...ids} value={to.id} options={options} onChange={setToId} />}
        </Field>
      </div>
      <div role="status" className="figures mt-2 mb-3 flex flex-col gap-0.5 text-ink-2">
        <p>{texts.summary(comparison)}</p>
        <p>{texts.estimate(estimateOf(from.estimate), estimateOf(to.estimate))}</p>
      </div>
      <VersionTable comparison={comparison} from={from.name} to={to.name} />
      {[from, to]
        .filter((side, index) => side.plan !== null && (index === 0 || side !== from))
        .map((side) => side.plan !== null && <Comments key={side.id} plan={side.plan} />)}
    </Dialog>
  )
}

/** What was said about a version, in that version. */
function Comments({ plan }: { plan: Plan }) {
  if (plan.comments.length === 0) return null
  const titleOf = new Map(plan.document.tasks.map(({ key, title }) => [key, title]))
  return (
    <section className="mt-4">
      <h3 className="mb-1 text-xs font-medium text-ink-2">{planTexts.comments.on(plan.version)}</h3>
      <ul className="flex flex-col gap-1">
        {plan.comments.map((comment) => (
          <li key={comment.id}>
            <span className="mr-2 font-mono text-xs text-ink-3">{comment.task}</span>
            <span className="text-ink-2">{titleOf.get(comment.task)}: </span>
            <span className="break-words whitespace-pre-wrap">{comment.text}</span>
            <span className="text-xs text-ink-3">
              {' '}
              ({comment.author}, {dateTime(comment.created_at)})
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function labelOf({ name, plan }: Side): string {
  return plan === null ? name : `${name}, ${texts.sources[plan.source]}, ${dateTime(plan.created_at)}, ${plan.state}`
}

function noteOf({ plan }: Side): string {
  return plan === null || plan.note === '' ? '' : `“${plan.note}”`
}

function estimateOf(estimate: PlanEstimate | null): string | null {
  if (estimate === null) return null
  const cost = estimate.high_micros === 0 ? '0 $' : costRange(estimate.low_micros, estimate.high_micros)
  return `${cost}, ${duration(estimate.low_ms)}–${duration(estimate.high_ms)}`
}
