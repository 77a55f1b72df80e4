import { ArrowDown, ArrowUp, Plus, RotateCcw, X } from 'lucide-react'
import { useState } from 'react'
import { DEFAULT_ROUTES, type RouteRule } from '#contract/model.ts'
import type { Settings } from '#contract/settings.ts'
import { complexity, taskType, tier } from '#contract/states.ts'
import { useSettings } from '../client/queries.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Field, Select, Switch } from '../parts/field.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { Table, Td, Th } from '../parts/table.tsx'
import { settingsTexts, routeTexts as texts } from '../texts/settings.ts'
import { ClimbSettings } from './climb-settings.tsx'
import { LearnedTable } from './learned-table.tsx'
import { RoutingDial } from './routing-dial.tsx'
import { SaveBar } from './save-bar.tsx'
import { useChangeSettings } from './use-change-settings.ts'

const ANY = 'any'
const TYPES = [ANY, ...taskType.options].map((value) => ({ value, label: value }))
const COMPLEXITIES = [ANY, ...complexity.options].map((value) => ({ value, label: value }))
const FALLBACKS = (['never', 'not_configured', 'always'] as const).map((value) => ({
  value,
  label: texts.fallbacks[value],
}))
const TIERS = tier.options.map((value) => ({ value, label: value }))

/** Which tier a task gets, and where work may move (R3). */
export function RouteSettings() {
  const settings = useSettings()
  if (settings.error !== null) return <FaultNote error={settings.error} retry={() => void settings.refetch()} />
  if (settings.data === undefined) return <SkeletonRows />
  return (
    <div className="flex flex-col gap-8">
      <Section title={settingsTexts.sections.routes} hint={texts.hint}>
        <RoutingDial settings={settings.data} />
      </Section>
      {settings.data.routing === 'learned' && <LearnedTable />}
      <ClimbSettings settings={settings.data} />
      <Section title={texts.table} hint={texts.tableHint[settings.data.routing]}>
        <RuleForm settings={settings.data} />
      </Section>
      <Section title={texts.other}>
        <FallbackForm settings={settings.data} />
      </Section>
    </div>
  )
}

function RuleForm({ settings }: { settings: Settings }) {
  const [edited, setEdited] = useState<readonly RouteRule[] | null>(null)
  const change = useChangeSettings()
  const rules = edited ?? settings.routes
  const setRule = (at: number, part: Partial<RouteRule>) =>
    setEdited(rules.map((rule, index) => (index === at ? { ...rule, ...part } : rule)))
  const move = (at: number, by: -1 | 1) => {
    const rule = rules[at]
    if (rule === undefined) return
    const rest = rules.filter((_, index) => index !== at)
    setEdited([...rest.slice(0, at + by), rule, ...rest.slice(at + by)])
  }
  return (
    <form
      aria-label={texts.table}
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate({ routes: [...rules] }, { onSuccess: () => setEdited(null) })
      }}
      className="flex max-w-2xl flex-col gap-3"
    >
      <div className="overflow-hidden rounded border bg-surface [&_td]:py-1.5 [&_tr:last-child_td]:border-b-0">
        <Table>
          <thead>
            <tr>
              <Th className="w-10" aria-label="Order" />
              <Th>{texts.columns.type}</Th>
              <Th>{texts.columns.complexity}</Th>
              <Th>{texts.columns.tier}</Th>
              <Th className="w-24" aria-label="Actions" />
            </tr>
          </thead>
          <tbody>
            {rules.map((rule, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a rule is nothing but its place
              <tr key={index}>
                <Td className="figures text-ink-3">{index + 1}</Td>
                <Td>
                  <Select
                    aria-label={`${texts.columns.type}, ${index + 1}`}
                    value={rule.type ?? ANY}
                    options={TYPES}
                    onChange={(value) => setRule(index, { type: taskType.safeParse(value).data ?? null })}
                  />
                </Td>
                <Td>
                  <Select
                    aria-label={`${texts.columns.complexity}, ${index + 1}`}
                    value={rule.complexity ?? ANY}
                    options={COMPLEXITIES}
                    onChange={(value) => setRule(index, { complexity: complexity.safeParse(value).data ?? null })}
                  />
                </Td>
                <Td>
                  <Select
                    aria-label={`${texts.columns.tier}, ${index + 1}`}
                    value={rule.tier}
                    options={TIERS}
                    onChange={(value) => setRule(index, { tier: value })}
                  />
                </Td>
                <Td className="whitespace-nowrap">
                  <IconButton
                    label={texts.up}
                    icon={<ArrowUp size={14} />}
                    disabled={index === 0}
                    onClick={() => move(index, -1)}
                  />
                  <IconButton
                    label={texts.down}
                    icon={<ArrowDown size={14} />}
                    disabled={index === rules.length - 1}
                    onClick={() => move(index, 1)}
                  />
                  <IconButton
                    label={texts.remove}
                    icon={<X size={14} />}
                    disabled={rules.length === 1}
                    onClick={() => setEdited(rules.filter((_, other) => other !== index))}
                  />
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
      <div className="flex gap-2">
        <Button
          small
          icon={<Plus size={12} />}
          onClick={() => setEdited([{ type: null, complexity: null, tier: 'local' }, ...rules])}
        >
          {texts.add}
        </Button>
        <Button small icon={<RotateCcw size={12} />} onClick={() => setEdited(DEFAULT_ROUTES)}>
          {texts.defaults}
        </Button>
      </div>
      <SaveBar dirty={edited !== null} valid busy={change.isPending} onDiscard={() => setEdited(null)} />
    </form>
  )
}

function FallbackForm({ settings }: { settings: Settings }) {
  const change = useChangeSettings()
  return (
    <div className="flex max-w-2xl flex-col gap-4">
      <Field label={texts.planner} hint={texts.plannerHint}>
        {(ids) => (
          <Select
            {...ids}
            className="w-40"
            value={settings.planner_tier}
            options={TIERS}
            disabled={change.isPending}
            onChange={(planner_tier) => change.mutate({ planner_tier })}
          />
        )}
      </Field>
      <Field label={texts.toPaid} hint={texts.toPaidHint}>
        {(ids) => (
          <Select
            {...ids}
            className="w-80"
            value={settings.fallback_to_paid}
            options={FALLBACKS}
            disabled={change.isPending}
            onChange={(fallback_to_paid) => change.mutate({ fallback_to_paid })}
          />
        )}
      </Field>
      <Switch
        label={texts.toLocal}
        hint={texts.toLocalHint}
        checked={settings.fallback_to_local}
        disabled={change.isPending}
        onChange={(fallback_to_local) => change.mutate({ fallback_to_local })}
      />
    </div>
  )
}
