import { Tabs as Radix, ToggleGroup } from 'radix-ui'
import type { ReactNode } from 'react'

/** Pages of one thing. `children` are `TabPanel`s with the same values. */
export function Tabs<Value extends string>({
  value,
  onChange,
  label,
  tabs,
  children,
}: {
  value: Value
  onChange: (value: Value) => void
  label: string
  tabs: readonly { value: Value; label: ReactNode }[]
  children: ReactNode
}) {
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => onChange(next as Value)}
      className="flex min-h-0 flex-1 flex-col"
    >
      <Radix.List aria-label={label} className="flex shrink-0 gap-4 overflow-x-auto border-b px-4">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="-mb-px h-9 border-b-2 border-transparent whitespace-nowrap text-ink-2 transition-colors hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink"
          >
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {children}
    </Radix.Root>
  )
}

export function TabPanel({ value, children }: { value: string; children: ReactNode }) {
  return (
    <Radix.Content value={value} className="min-h-0 flex-1 overflow-auto p-4">
      {children}
    </Radix.Content>
  )
}

/** One of several views of the same things. */
export function ViewSwitch<Value extends string>({
  value,
  onChange,
  label,
  views,
}: {
  value: Value
  onChange: (value: Value) => void
  label: string
  views: readonly { value: Value; label: string; icon?: ReactNode }[]
}) {
  return (
    <ToggleGroup.Root
      type="single"
      value={value}
      // Pressing the present view again gives ''; it stays.
      onValueChange={(next) => next !== '' && onChange(next as Value)}
      aria-label={label}
      className="inline-flex h-8 shrink-0 self-start justify-self-start rounded border bg-sunk p-0.5"
    >
      {views.map((view) => (
        <ToggleGroup.Item
          key={view.value}
          value={view.value}
          className="inline-flex items-center gap-1.5 rounded-sm px-2.5 text-sm text-ink-2 transition-colors hover:text-ink data-[state=on]:bg-surface data-[state=on]:font-medium data-[state=on]:text-ink data-[state=on]:outline data-[state=on]:outline-line"
        >
          {view.icon}
          {view.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
