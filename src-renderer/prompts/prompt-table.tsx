import type { RunDetail } from '#contract/run.ts'
import { TierChip } from '../parts/chip.tsx'
import { Money, useNow } from '../parts/figures.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { type Column, VirtualTable } from '../parts/virtual-table.tsx'
import { hrefOf } from '../route.ts'
import { ago, exactTime, money } from '../texts/figures.ts'
import { frameTexts } from '../texts/frame.ts'
import { promptsTexts as texts } from '../texts/prompts.ts'
import { stateTexts } from '../texts/states.ts'

/** Free prompts as rows; each leads to its timeline and its answer. */
export function PromptTable({ runs, onEnd }: { runs: readonly RunDetail[]; onEnd: () => void }) {
  const now = useNow(true)
  const columns: readonly Column<RunDetail>[] = [
    {
      name: 'title',
      label: texts.columns.title,
      width: 'minmax(200px, 2fr)',
      cell: (run) => (
        <a
          href={hrefOf({ page: 'project', projectId: run.project_id, taskId: run.task_id })}
          aria-label={texts.open(run.title)}
          title={run.prompt ?? undefined}
          className="flex min-w-0 items-center gap-2 font-medium after:absolute after:inset-0"
        >
          <StateShape state={run.status} needsYou={needsYou(run)} label={false} />
          <span className="truncate">{run.title}</span>
        </a>
      ),
    },
    {
      name: 'state',
      label: texts.columns.state,
      width: 'minmax(160px, 2fr)',
      cell: (run) => (
        <span title={run.reason}>
          <span className={needsYou(run) ? 'font-medium text-needs' : ''}>
            {needsYou(run) ? stateTexts.needs_you : stateTexts[run.status]}
          </span>
          {run.reason !== '' && <span className="text-ink-3"> · {run.reason}</span>}
        </span>
      ),
    },
    {
      name: 'model',
      label: texts.columns.model,
      width: 'minmax(120px, 1fr)',
      cell: (run) => run.profile !== null && <TierChip tier={run.tier} profile={run.profile} paid={run.paid} />,
    },
    {
      name: 'cost',
      label: texts.columns.cost,
      width: '150px',
      numeric: true,
      cell: (run) => (
        <>
          <Money micros={run.cost_micros} paid={run.paid || run.cost_micros > 0} />
          {run.limit_micros !== null && <span className="text-ink-3"> / {money(run.limit_micros)}</span>}
        </>
      ),
    },
    {
      name: 'when',
      label: texts.columns.when,
      width: '120px',
      numeric: true,
      cell: (run) => (
        <time dateTime={run.created_at} title={exactTime(run.created_at)} className="text-ink-2">
          {ago(run.created_at, now)}
        </time>
      ),
    },
  ]
  return (
    <VirtualTable
      label={frameTexts.pages.prompts}
      rows={runs}
      columns={columns}
      rowKey={(run) => run.project_id}
      onEnd={onEnd}
    />
  )
}

function needsYou({ waiting_on }: RunDetail): boolean {
  return waiting_on === 'budget' || waiting_on === 'approval'
}
