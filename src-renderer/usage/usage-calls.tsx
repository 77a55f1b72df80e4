import { useState } from 'react'
import type { UsageEntry } from '#contract/usage.ts'
import { useModels, useProjects, useUsageCalls } from '../client/queries.ts'
import { Chip, TierChip } from '../parts/chip.tsx'
import { Money } from '../parts/figures.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Progress } from '../parts/progress.tsx'
import { type Column, VirtualTable } from '../parts/virtual-table.tsx'
import { hrefOf } from '../route.ts'
import { dateTime, duration, exactTime, money, number } from '../texts/figures.ts'
import { usageTexts } from '../texts/usage.ts'
import { CorrectDialog } from './correct-dialog.tsx'

const texts = usageTexts.columns

/** Every call, newest first; older ones are read while one scrolls. `only`: those whose reply was lost. */
export function UsageCalls({ only = null }: { only?: 'unconfirmed' | null }) {
  const calls = useUsageCalls(only)
  const [correcting, setCorrecting] = useState<UsageEntry | null>(null)
  const { data: models } = useModels()
  const { data: projects } = useProjects()
  if (calls.error !== null) return <FaultNote error={calls.error} retry={() => void calls.refetch()} />
  if (calls.data === undefined) return <SkeletonRows />

  const names = new Map(projects?.map((project) => [project.id, project.name]))
  const paidProfiles = new Map(models?.map((model) => [model.name, model.paid]))
  const isPaid = (entry: UsageEntry) => paidProfiles.get(entry.profile) ?? entry.cost_micros > 0
  const rows = calls.data.pages.flatMap((page) => page.items)
  const columns: readonly Column<UsageEntry>[] = [
    {
      name: 'time',
      label: texts.time,
      width: '116px',
      cell: (entry) => (
        <time dateTime={entry.ts} title={exactTime(entry.ts)} className="figures text-ink-2">
          {dateTime(entry.ts)}
        </time>
      ),
    },
    {
      name: 'model',
      label: texts.model,
      width: 'minmax(160px, 1.2fr)',
      cell: (entry) => <TierChip tier={entry.tier} paid={isPaid(entry)} profile={entry.model} />,
    },
    {
      name: 'project',
      label: texts.project,
      width: 'minmax(140px, 1.4fr)',
      cell: (entry) =>
        entry.project_id === null ? (
          <span className="text-ink-3">{usageTexts.noProject}</span>
        ) : (
          <a
            href={hrefOf({ page: 'project', projectId: entry.project_id, taskId: entry.task_id })}
            className="hover:underline"
          >
            {names.get(entry.project_id) ?? entry.project_id}
          </a>
        ),
    },
    { name: 'attempt', label: texts.attempt, width: '48px', numeric: true, cell: (entry) => entry.attempt },
    { name: 'input', label: texts.input, width: '84px', numeric: true, cell: (entry) => number(entry.input_tokens) },
    { name: 'output', label: texts.output, width: '84px', numeric: true, cell: (entry) => number(entry.output_tokens) },
    {
      name: 'cached',
      label: texts.cached,
      width: '84px',
      numeric: true,
      cell: (entry) => (entry.cache_read_tokens === 0 ? '' : number(entry.cache_read_tokens)),
    },
    {
      name: 'latency',
      label: texts.latency,
      width: '96px',
      numeric: true,
      cell: (entry) => duration(entry.latency_ms),
    },
    {
      name: 'cost',
      label: texts.cost,
      width: '104px',
      numeric: true,
      cell: (entry) => <Money micros={entry.cost_micros} paid={isPaid(entry)} />,
    },
    {
      name: 'outcome',
      label: texts.outcome,
      width: '152px',
      cell: (entry) =>
        entry.unconfirmed ? (
          <button type="button" onClick={() => setCorrecting(entry)} className="flex hover:underline">
            <Chip tone="needs" title={usageTexts.unconfirmedHint}>
              {usageTexts.unconfirmedCorrect}
            </Chip>
          </button>
        ) : (
          <span className="flex items-center gap-2">
            <span className={entry.outcome === 'ok' || entry.outcome === 'done' ? 'text-ink-3' : ''}>
              {entry.outcome}
            </span>
            {entry.batch_saved_micros !== null && entry.batch_saved_micros > 0 && (
              <Chip title={usageTexts.inBatchTitle(money(entry.batch_saved_micros))}>{usageTexts.inBatch}</Chip>
            )}
          </span>
        ),
    },
  ]
  return (
    <>
      {correcting !== null && <CorrectDialog entry={correcting} onClose={() => setCorrecting(null)} />}
      {rows.length === 0 ? (
        <p className="py-6 text-ink-3">{usageTexts.noUnconfirmed}</p>
      ) : (
        <VirtualTable
          label={usageTexts.calls}
          rows={rows}
          columns={columns}
          rowKey={(entry) => entry.id}
          onEnd={() => {
            if (calls.hasNextPage && !calls.isFetchingNextPage) void calls.fetchNextPage()
          }}
          footer={
            calls.isFetchingNextPage ? (
              <div className="p-2">
                <Progress value={null} label={usageTexts.more} />
              </div>
            ) : undefined
          }
        />
      )}
    </>
  )
}
