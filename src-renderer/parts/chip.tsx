import { Cloud, HardDrive } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Tier } from '#contract/states.ts'
import { DEMO_LABEL, tierTexts } from '../texts/states.ts'
import { classNames } from './class-names.ts'

export type Tone = 'neutral' | 'local' | 'paid' | 'needs' | 'bad' | 'good' | 'accent'

const TONES: Record<Tone, string> = {
  neutral: 'bg-hover text-ink-2',
  local: 'bg-local-soft text-local',
  paid: 'bg-paid-soft text-paid',
  needs: 'bg-needs-soft text-needs',
  bad: 'bg-bad-soft text-bad',
  good: 'bg-hover text-good',
  accent: 'bg-accent-soft text-accent',
}

/** A word in a tinted frame. */
export function Chip({
  tone = 'neutral',
  children,
  title,
}: {
  tone?: Tone
  children: ReactNode
  title?: string | undefined
}) {
  return (
    <span
      title={title}
      className={classNames(
        'inline-flex h-5 max-w-full items-center gap-1 truncate rounded-sm px-1.5 align-middle text-xs whitespace-nowrap figures',
        TONES[tone],
      )}
    >
      {children}
    </span>
  )
}

/**
 * The tier of a task, in the ink of the place where it is worked on. `paid` undefined: not yet known, so the tier
 * itself decides. `profile`: the model that does it.
 */
export function TierChip({
  tier,
  paid,
  profile,
}: {
  tier: Tier | null
  paid?: boolean | undefined
  profile?: string | null
}) {
  const isPaid = paid ?? (tier !== null && tier !== 'local')
  const Icon = isPaid ? Cloud : HardDrive
  const words = [tier === null ? null : tierTexts[tier], profile === 'demo' ? DEMO_LABEL : profile].filter(
    (word) => word !== null && word !== undefined,
  )
  if (words.length === 0) return <Chip>by routing</Chip>
  return (
    <Chip tone={isPaid ? 'paid' : 'local'} title={isPaid ? 'Paid for elsewhere' : 'Done on this machine'}>
      <Icon size={12} aria-hidden className="shrink-0" />
      <span className="truncate">{words.join(' · ')}</span>
    </Chip>
  )
}
