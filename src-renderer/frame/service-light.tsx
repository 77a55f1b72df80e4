import type { Service } from '#contract/service.ts'
import { classNames } from '../parts/class-names.ts'
import { Tooltip } from '../parts/tooltip.tsx'
import { serviceTexts } from '../texts/services.ts'

const COLOURS: Record<Service['state'], string> = {
  healthy: 'text-good',
  degraded: 'text-ink-2',
  down: 'text-bad',
  not_configured: 'text-line-strong',
  unknown: 'text-line-strong',
}

/** Where there is little room, the names of those that need no attention give way first. */
const LABELS: Record<Service['state'], string> = {
  healthy: 'max-xl:hidden',
  degraded: '',
  down: '',
  not_configured: 'max-[1440px]:hidden',
  unknown: 'max-xl:hidden',
}

/** A service's state as a small lamp with its name; the reason is in the tooltip. `brief`: there are many beside it. */
export function ServiceLight({ service, brief }: { service: Service; brief: boolean }) {
  const text = `${service.label}: ${serviceTexts.states[service.state]}${service.detail === '' ? '' : `. ${service.detail}`}`
  return (
    <Tooltip text={text}>
      <span
        role="img"
        aria-label={text}
        className={classNames(
          'flex shrink-0 items-center gap-1.5',
          service.state === 'not_configured' || service.state === 'unknown' ? 'text-ink-3' : 'text-ink-2',
        )}
      >
        <Lamp state={service.state} />
        <span className={brief ? LABELS[service.state] : ''}>{service.label}</span>
      </span>
    </Tooltip>
  )
}

/** Full, half, crossed or hollow: readable without colour. */
export function Lamp({ state, size = 10 }: { state: Service['state']; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 10 10"
      fill="none"
      stroke="currentColor"
      className={classNames('shrink-0', COLOURS[state])}
      aria-hidden
    >
      {state === 'healthy' && <circle cx="5" cy="5" r="4" fill="currentColor" stroke="none" />}
      {state === 'degraded' && (
        <>
          <circle cx="5" cy="5" r="3.5" strokeWidth="1.5" />
          <path d="M5 1.5a3.5 3.5 0 0 1 0 7z" fill="currentColor" stroke="none" />
        </>
      )}
      {state === 'down' && <path d="m1.5 1.5 7 7m0-7-7 7" strokeWidth="2" strokeLinecap="round" />}
      {state === 'not_configured' && <circle cx="5" cy="5" r="3.5" strokeWidth="1.5" />}
      {state === 'unknown' && <circle cx="5" cy="5" r="3.5" strokeWidth="1.5" strokeDasharray="1.5 2" />}
    </svg>
  )
}
