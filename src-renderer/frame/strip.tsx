import { CirclePause, CirclePlay, Lock } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Service } from '#contract/service.ts'
import { useStatus } from '../client/queries.ts'
import { Chip } from '../parts/chip.tsx'
import { classNames } from '../parts/class-names.ts'
import { StateShape } from '../parts/state-shape.tsx'
import { Tooltip } from '../parts/tooltip.tsx'
import { hrefOf } from '../route.ts'
import { number } from '../texts/figures.ts'
import { frameTexts } from '../texts/frame.ts'
import { GpuMeter } from './gpu-meter.tsx'
import { ServiceLight } from './service-light.tsx'
import { SpendMeter } from './spend-meter.tsx'
import { usePauseAll } from './use-pause-all.ts'

/** The same on every page (U1): what is spent, what is up, what runs, and the one button that holds everything. */
export function Strip() {
  const { data: status } = useStatus()
  return (
    <section
      aria-label="Status"
      className="flex h-10 shrink-0 items-center gap-4 overflow-hidden border-b bg-surface px-3 text-xs"
    >
      {status !== undefined && (
        <>
          <StripLink href={hrefOf({ page: 'usage' })} className="shrink-0 gap-4">
            <SpendMeter label={frameTexts.today} scope={status.day} />
            <SpendMeter label={frameTexts.month} scope={status.month} brief />
          </StripLink>
          <StripLink href={hrefOf({ page: 'services' })} className="min-w-0 shrink gap-3 overflow-hidden">
            {shown(status.services).map((service, _, all) => (
              <ServiceLight key={service.name} service={service} brief={all.length > 4} />
            ))}
          </StripLink>
          <StripLink href={hrefOf({ page: 'services' })} className="shrink-0 empty:hidden">
            <GpuMeter />
          </StripLink>
          <div className="ml-auto flex shrink-0 items-center gap-3">
            {status.local_only && (
              <Tooltip text={frameTexts.localOnlyHint}>
                <a href={hrefOf({ page: 'settings', section: 'limits' })}>
                  <Chip tone="local">
                    <Lock size={12} aria-hidden /> {frameTexts.localOnly}
                  </Chip>
                </a>
              </Tooltip>
            )}
            {status.needs_you > 0 && (
              <StripLink href={hrefOf({ page: 'inbox' })} className="gap-1.5 font-medium text-needs">
                <StateShape state="running" needsYou size={12} label={false} />
                {frameTexts.needsYou(status.needs_you)}
              </StripLink>
            )}
            <StripLink href={hrefOf({ page: 'projects' })} className="gap-3">
              <Count of={status.running} word={frameTexts.running}>
                <StateShape state={status.running > 0 ? 'running' : 'pending'} size={12} label={false} />
              </Count>
              <Count of={status.queued} word={frameTexts.queued} />
              <Count of={status.waiting} word={frameTexts.waiting} />
            </StripLink>
            <PauseAll paused={status.paused} />
          </div>
        </>
      )}
    </section>
  )
}

/** Providers that nobody has set up would crowd out those that matter; Services lists them. */
function shown(services: readonly Service[]): readonly Service[] {
  return services.filter((service) => service.state !== 'not_configured' || service.name === 'anthropic')
}

function StripLink({ href, className, children }: { href: string; className?: string; children: ReactNode }) {
  return (
    <a href={href} className={classNames('-mx-1.5 flex h-7 items-center rounded px-1.5 hover:bg-hover', className)}>
      {children}
    </a>
  )
}

function Count({ of, word, children }: { of: number; word: string; children?: ReactNode }) {
  return (
    <span className={classNames('figures flex items-center gap-1', of === 0 ? 'text-ink-3' : 'text-ink')}>
      {children}
      <b className="font-semibold">{number(of)}</b> {word}
    </span>
  )
}

function PauseAll({ paused }: { paused: boolean }) {
  const change = usePauseAll()
  const Icon = paused ? CirclePlay : CirclePause
  return (
    <Tooltip text={paused ? frameTexts.paused : frameTexts.pauseAll}>
      <button
        type="button"
        onClick={() => change.mutate(!paused)}
        className={classNames(
          'flex h-7 items-center gap-1.5 rounded border px-2 font-medium transition-colors',
          paused ? 'border-accent bg-accent-soft text-accent' : 'hover:bg-hover',
        )}
      >
        <Icon size={14} aria-hidden />
        {paused ? frameTexts.resumeAll : frameTexts.pauseAll}
      </button>
    </Tooltip>
  )
}
