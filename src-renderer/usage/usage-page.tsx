import { ChartNoAxesColumn, Download } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { UsageGroup } from '#contract/usage.ts'
import { isByTime } from '#contract/usage-order.ts'
import { useBudget, useUsageSummary } from '../client/queries.ts'
import { SpendMeter } from '../frame/spend-meter.tsx'
import { Button } from '../parts/button.tsx'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Page } from '../parts/page.tsx'
import { ViewSwitch } from '../parts/tabs.tsx'
import { money } from '../texts/figures.ts'
import { frameTexts } from '../texts/frame.ts'
import { usageTexts as texts } from '../texts/usage.ts'
import { UsageBars } from './usage-bars.tsx'
import { UsageCalls } from './usage-calls.tsx'
import { UsageDays } from './usage-days.tsx'
import { useSaveCsv } from './use-save-csv.ts'

const VIEWS = (['day', 'month', 'project', 'task', 'model', 'tier'] as const).map((value) => ({
  value: value as UsageGroup | 'calls' | 'unconfirmed',
  label: texts.groups[value],
}))

/** What has been spent and saved, summed up and call by call (B5). */
export default function UsagePage() {
  const [view, setView] = useState<UsageGroup | 'calls' | 'unconfirmed'>('day')
  const isCalls = view === 'calls' || view === 'unconfirmed'
  const group = isCalls ? 'day' : view
  const summary = useUsageSummary(group)
  const budget = useBudget()
  const csv = useSaveCsv()
  const isEmpty = summary.data?.total.calls === 0
  return (
    <Page
      title={texts.title}
      subtitle={texts.subtitle}
      fill
      actions={
        <Button
          icon={<Download size={14} />}
          busy={csv.isPending}
          disabled={summary.data === undefined || isEmpty}
          onClick={() => csv.mutate()}
        >
          {texts.csv}
        </Button>
      }
    >
      <div className="flex min-h-0 flex-1 flex-col gap-4 px-6 py-5">
        {summary.error !== null ? (
          <FaultNote error={summary.error} retry={() => void summary.refetch()} />
        ) : summary.data === undefined ? (
          <SkeletonRows />
        ) : (
          <>
            <div className="grid shrink-0 gap-x-8 gap-y-4 sm:grid-cols-2 xl:grid-cols-4">
              {budget.data !== undefined && (
                <>
                  <SpendMeter label={frameTexts.today} scope={budget.data.day} wide />
                  <SpendMeter label={frameTexts.month} scope={budget.data.month} wide />
                </>
              )}
              <Figure
                label={texts.allTime}
                note={`${texts.callCount(summary.data.total.calls)}${cacheNote(summary.data.total.cache_saved_micros)}${batchNote(summary.data.total.batch_saved_micros)}`}
              >
                {money(summary.data.total.cost_micros)}
              </Figure>
              <Figure
                label={texts.saved}
                note={texts.tokenCount(summary.data.total.input_tokens, summary.data.total.output_tokens)}
                title={texts.savedHint}
              >
                <span className="text-local">{money(summary.data.total.saved_micros)}</span>
              </Figure>
            </div>
            {budget.data !== undefined && budget.data.global.unconfirmed_micros > 0 && (
              <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 rounded bg-needs-soft px-3 py-2">
                <p className="min-w-64 flex-1">
                  <b className="figures font-semibold">
                    {texts.unconfirmed(money(budget.data.global.unconfirmed_micros))}.
                  </b>{' '}
                  <span className="text-ink-2">{texts.unconfirmedHint}</span>
                </p>
                {view !== 'unconfirmed' && (
                  <Button onClick={() => setView('unconfirmed')}>{texts.unconfirmedShow}</Button>
                )}
              </div>
            )}
            {isEmpty ? (
              <EmptyState icon={<ChartNoAxesColumn size={28} strokeWidth={1.5} />} title={texts.empty}>
                {texts.emptyHint}
              </EmptyState>
            ) : (
              <>
                <ViewSwitch
                  label={texts.by}
                  value={view}
                  onChange={setView}
                  views={[
                    ...VIEWS,
                    { value: 'calls', label: texts.calls },
                    ...(view === 'unconfirmed' ? [{ value: view, label: texts.unconfirmedOnly }] : []),
                  ]}
                />
                {isCalls ? (
                  <UsageCalls key={view} only={view === 'calls' ? null : 'unconfirmed'} />
                ) : (
                  <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-auto">
                    {group === 'day' && (
                      <UsageDays rows={summary.data.rows} limitMicros={budget.data?.day.limit_micros ?? null} />
                    )}
                    {summary.data.row_count > summary.data.rows.length && (
                      <p className="text-xs text-ink-3">
                        {texts.notAll(
                          isByTime(group) ? 'newest' : 'dearest',
                          summary.data.rows.length,
                          summary.data.row_count,
                          texts.groups[group],
                        )}
                      </p>
                    )}
                    <UsageBars rows={summary.data.rows} label={texts.groups[group]} />
                  </div>
                )}
              </>
            )}
          </>
        )}
      </div>
    </Page>
  )
}

function Figure({
  label,
  note,
  title,
  children,
}: {
  label: string
  note: string
  title?: string
  children: ReactNode
}) {
  return (
    <div title={title} className="flex flex-col gap-1">
      <div className="text-xs text-ink-3">{label}</div>
      <div className="figures text-xl font-semibold">{children}</div>
      <div className="figures text-xs text-ink-3">{note}</div>
    </div>
  )
}

/** What the providers' caches of prompts saved; nothing where none was used. */
function cacheNote(micros: number): string {
  if (micros === 0) return ''
  return `, ${micros > 0 ? texts.cacheSaved(money(micros)) : texts.cacheCost(money(-micros))}`
}

/** What batches saved against asking directly. */
function batchNote(micros: number): string {
  return micros === 0 ? '' : `, ${texts.batchSaved(money(micros))}`
}
