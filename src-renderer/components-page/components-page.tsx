import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Button, IconButton } from '../parts/button.tsx'
import { Chip, TierChip } from '../parts/chip.tsx'
import { CopyLine } from '../parts/copy-line.tsx'
import { Select, Switch, TextField } from '../parts/field.tsx'
import { Money, Tokens } from '../parts/figures.tsx'
import { Kbd } from '../parts/kbd.tsx'
import { EmptyState, ErrorNote, SkeletonRows } from '../parts/notes.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Bar, Progress } from '../parts/progress.tsx'
import { Slider } from '../parts/slider.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { ViewSwitch } from '../parts/tabs.tsx'
import { type AnyState, stateTexts } from '../texts/states.ts'
import { type Theme, useLook } from '../theme.ts'

const GROUNDS = ['ground', 'surface', 'raised', 'sunk', 'hover', 'line', 'line-strong']
const INKS = ['ink', 'ink-2', 'ink-3', 'accent', 'local', 'paid', 'needs', 'good', 'bad']
const FILLS = ['local-fill', 'paid-fill', 'local-soft', 'paid-soft', 'needs-soft', 'bad-soft', 'accent-soft']
const SIZES = ['xs', 'sm', 'md', 'lg', 'xl', '2xl']
const STATES = Object.keys(stateTexts).filter((state) => state !== 'needs_you') as AnyState[]
const TONES = ['neutral', 'local', 'paid', 'needs', 'bad', 'good', 'accent'] as const
const THEMES = (['system', 'light', 'dark'] as const).map((value) => ({ value, label: value }))

/** Tokens and parts at a glance, for whoever builds a screen. */
export function ComponentsPage() {
  const theme = useLook((look) => look.theme)
  return (
    <div className="flex h-full">
      <Page
        title="Components"
        subtitle="Tokens of styles/tokens.css and the parts of src-renderer/parts"
        actions={
          <ViewSwitch<Theme>
            label="Colours"
            value={theme}
            onChange={(next) => useLook.setState({ theme: next })}
            views={THEMES}
          />
        }
      >
        <div className="grid gap-8 lg:grid-cols-2">
          <Colours />
          <Type />
          <States />
          <Marks />
          <Buttons />
          <Fields />
          <Levels />
          <Notes />
        </div>
      </Page>
    </div>
  )
}

function Colours() {
  return (
    <Section title="Colour" hint="Teal is work done here, amber is work paid for elsewhere.">
      {[GROUNDS, INKS, FILLS].map((names) => (
        <div key={names[0]} className="flex flex-wrap gap-3">
          {names.map((name) => (
            <span key={name} className="flex flex-col gap-1 text-xs text-ink-2">
              <span className="h-8 w-20 rounded border" style={{ background: `var(--color-${name})` }} />
              {name}
            </span>
          ))}
        </div>
      ))}
    </Section>
  )
}

function Type() {
  return (
    <Section title="Type and space" hint="Inter and JetBrains Mono, tabular figures, a grid of 4 px, radius 6.">
      {SIZES.map((size) => (
        <p key={size} style={{ fontSize: `var(--text-${size})`, lineHeight: `var(--text-${size}--line-height)` }}>
          {size}: is it running, does it need me, what does it cost 0123456789
        </p>
      ))}
      <p className="font-mono">mono: birds/white-stork.md</p>
    </Section>
  )
}

function States() {
  return (
    <Section title="States" hint="Each has a shape of its own; the word stands beside it.">
      <ul className="grid grid-cols-3 gap-x-6 gap-y-1">
        {STATES.map((state) => (
          <li key={state} className="flex items-center gap-2">
            <StateShape state={state} label={false} />
            {stateTexts[state]}
          </li>
        ))}
        <li className="flex items-center gap-2">
          <StateShape state="waiting" needsYou label={false} />
          {stateTexts.needs_you}
        </li>
      </ul>
    </Section>
  )
}

function Marks() {
  return (
    <Section title="Chips and figures">
      <div className="flex flex-wrap items-center gap-2">
        {TONES.map((tone) => (
          <Chip key={tone} tone={tone}>
            {tone}
          </Chip>
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <TierChip tier="local" profile="llama3.2" />
        <TierChip tier="strong" profile="claude-sonnet" />
        <Money micros={0} paid={false} />
        <Money micros={4_100_000} paid />
        <Money micros={13_200} />
        <Tokens count={12_400} />
        <Kbd keys="Ctrl K" />
      </div>
    </Section>
  )
}

function Buttons() {
  return (
    <Section title="Buttons" hint="One primary button on a screen.">
      <div className="flex flex-wrap items-center gap-2">
        <Button variant="primary">Primary</Button>
        <Button>Plain</Button>
        <Button variant="quiet">Quiet</Button>
        <Button variant="danger">Danger</Button>
        <Button busy>Busy</Button>
        <Button disabled title="Where it cannot be pressed, the title says why">
          Disabled
        </Button>
        <Button small>Small</Button>
        <IconButton label="Icon" icon={<Plus size={16} />} />
      </div>
      <CopyLine text="ollama serve" label="Copy ollama serve" copied="Copied." />
    </Section>
  )
}

function Fields() {
  const [dollars, setDollars] = useState(50)
  const [isOn, setOn] = useState(true)
  const [tier, setTier] = useState<'local' | 'fast'>('local')
  return (
    <Section title="Fields">
      <div className="grid grid-cols-2 gap-x-6">
        <TextField label="With a hint" hint="What the value is for." defaultValue="5.00" />
        <TextField label="Refused" error="Write an amount such as 5 or 0.50." defaultValue="much" />
      </div>
      <Select
        aria-label="Tier"
        value={tier}
        onChange={setTier}
        options={[
          { value: 'local', label: 'local' },
          { value: 'fast', label: 'fast' },
        ]}
      />
      <Switch label="On or off" hint="What it does." checked={isOn} onChange={setOn} />
      <Slider label="Dollars" value={dollars} max={200} step={5} shown={`$${dollars}`} onChange={setDollars} />
    </Section>
  )
}

function Levels() {
  return (
    <Section title="Progress and levels" hint="What is set aside is hatched.">
      <Progress value={0.6} label="Known" />
      <Progress value={null} label="Only that it goes on" />
      <Bar
        role="meter"
        label="Spent and set aside"
        parts={[
          { name: 'spent', fraction: 0.4, className: 'bg-paid-fill' },
          { name: 'reserved', fraction: 0.2, className: 'hatched text-paid-fill' },
        ]}
      />
    </Section>
  )
}

function Notes() {
  return (
    <Section title="Empty, loading, failing">
      <ErrorNote what="What happened" why="Why, and what to do." action={<Button>The button that does it</Button>} />
      <SkeletonRows rows={2} />
      <EmptyState title="What belongs here">How it comes to be.</EmptyState>
    </Section>
  )
}
