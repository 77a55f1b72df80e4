import type { ReactNode } from 'react'
import { percent } from '../texts/figures.ts'
import { classNames } from './class-names.ts'

export type BarPart = { readonly name: string; readonly fraction: number; readonly className: string }

/** A bar of one or more parts. Each part's class sets its look (`bg-local-fill`, `hatched text-paid-fill`). */
export function Bar({
  label,
  parts,
  className,
  role = 'progressbar',
}: {
  label: string
  parts: readonly BarPart[]
  className?: string
  /** `meter` for a level that may rise and fall, such as money within a limit. */
  role?: 'progressbar' | 'meter'
}) {
  const whole = parts.reduce((sum, part) => sum + part.fraction, 0)
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a name; the rule sees only that one is chosen
    <div
      role={role}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(Math.min(1, whole) * 100)}
      className={classNames('flex h-1.5 overflow-hidden rounded-full bg-line', className)}
    >
      {parts.map((part) => (
        <div
          key={part.name}
          className={classNames('h-full shrink-0 transition-[width]', part.className)}
          style={{ width: `${Math.max(0, Math.min(1, part.fraction)) * 100}%` }}
        />
      ))}
    </div>
  )
}

/** Progress of something: `value` from 0 to 1, or null where only its going on is known. */
export function Progress({ value, label, children }: { value: number | null; label: string; children?: ReactNode }) {
  return (
    <div className="flex items-center gap-2">
      {value === null ? (
        <div role="progressbar" aria-label={label} className="h-1.5 flex-1 overflow-hidden rounded-full bg-line">
          <div className="h-full w-1/3 animate-sweep rounded-full bg-accent" />
        </div>
      ) : (
        <Bar
          label={label}
          className="flex-1"
          parts={[{ name: 'done', fraction: value, className: 'rounded-full bg-accent' }]}
        />
      )}
      <span className="figures text-xs text-ink-2">{children ?? (value === null ? null : percent(value))}</span>
    </div>
  )
}
