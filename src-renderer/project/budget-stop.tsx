import { useState } from 'react'
import type { Budget } from '#contract/budget.ts'
import { formatUsd, parseUsd } from '#contract/money.ts'
import type { Project } from '#contract/project.ts'
import type { Task } from '#contract/task.ts'
import { useBudget } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { Input, Select } from '../parts/field.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { plainUsd } from '../texts/figures.ts'
import { projectTexts } from './texts.ts'
import { useProjectCall } from './use-call.ts'

type Scope = 'project' | 'day' | 'month' | 'global'
const LIMIT_NAMES = { day: 'daily_micros', month: 'monthly_micros', global: 'global_micros' } as const
type Limit = { scope: Scope; label: string; used: number; limit: number | null }

/** Says that the budget stopped the work (`stopped`: a task), why and by how much, and raises a limit to go on from there (B4). */
export function BudgetStop({ project, stopped }: { project: Project; stopped: Task }) {
  const budget = useBudget()
  if (budget.data === undefined) return null
  // What only waits for the calls of others goes on by itself.
  if (project.state !== 'waiting' && budget.data.global.reserved_micros > 0) return null
  const texts = projectTexts.budget
  return (
    <section
      aria-label={texts.title}
      className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b bg-needs-soft px-6 py-3"
    >
      <div className="flex min-w-64 flex-1 items-start gap-2">
        <span className="mt-0.5">
          <StateShape state="waiting" needsYou label={false} />
        </span>
        <div>
          <h2 className="font-semibold">{texts.title}</h2>
          <p className="text-ink-2">{project.reason || stopped.reason}</p>
        </div>
      </div>
      <RaiseLimit project={project} budget={budget.data} />
    </section>
  )
}

/** Raises the limit that is in the way (or another one) and lets the project go on. */
export function RaiseLimit({ project, budget }: { project: Project; budget: Budget }) {
  const limits = limitsOf(project, budget)
  const texts = projectTexts.budget
  const tightest = limits.reduce((best, limit) => (left(limit) < left(best) ? limit : best))
  const [scope, setScope] = useState(tightest.scope)
  const [typed, setTyped] = useState<string | null>(null)
  const chosen = limits.find((limit) => limit.scope === scope) ?? tightest
  const text = typed ?? plainUsd(suggestion(chosen))
  const amount = parseUsd(text)
  const raise = useProjectCall(project.id, async (client, micros: number) => {
    if (scope === 'project') await client.projects.change({ id: project.id, budget_micros: micros })
    else await client.budgets.set({ [LIMIT_NAMES[scope]]: micros })
    return await client.projects.start({ id: project.id })
  })
  const fault = faultOf(amount, chosen)
  return (
    <div className="flex flex-col gap-1">
      <form
        className="flex items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (fault === null && amount !== null) raise.run(amount)
        }}
      >
        <span>{texts.field}</span>
        <Select
          aria-label={texts.field}
          className="w-44"
          value={scope}
          onChange={(next) => {
            setScope(next)
            setTyped(null)
          }}
          options={limits.map((limit) => ({ value: limit.scope, label: limit.label }))}
        />
        <span className="whitespace-nowrap">{texts.to} $</span>
        <span className="w-24">
          <Input
            aria-label={`${texts.to} $`}
            aria-invalid={fault !== null || undefined}
            title={fault ?? undefined}
            inputMode="decimal"
            value={text}
            onChange={(event) => setTyped(event.target.value)}
            className="figures"
          />
        </span>
        <Button type="submit" variant="primary" busy={raise.isBusy} disabled={fault !== null}>
          {texts.button}
        </Button>
      </form>
      {fault !== null && (
        <p role="alert" className="text-right text-xs text-bad">
          {fault}
        </p>
      )}
    </div>
  )
}

function limitsOf(project: Project, { day, month, global }: Budget): Limit[] {
  const { budget: texts } = projectTexts
  const of = (scope: Exclude<Scope, 'project'>, { settled_micros, reserved_micros, limit_micros }: Budget['day']) => ({
    scope,
    label: texts[scope],
    used: settled_micros + reserved_micros,
    limit: limit_micros,
  })
  return [
    {
      scope: 'project',
      label: texts.project,
      used: project.spent_micros + project.reserved_micros,
      limit: project.limit_micros,
    },
    of('day', day),
    of('month', month),
    ...(global.limit_micros === null ? [] : [of('global', global)]),
  ]
}

function left(limit: Limit): number {
  return limit.limit === null ? Number.POSITIVE_INFINITY : limit.limit - limit.used
}

/** Half as much again, at least a dollar more. */
function suggestion(limit: Limit): number {
  const now = limit.limit ?? limit.used
  return Math.ceil((now + Math.max(1_000_000, now / 2)) / 500_000) * 500_000
}

function faultOf(amount: number | null, limit: Limit): string | null {
  if (amount === null) return projectTexts.budget.notMoney
  return limit.limit !== null && amount <= limit.limit ? projectTexts.budget.notMore(formatUsd(limit.limit)) : null
}
