import { LoaderCircle } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { classNames } from './class-names.ts'
import { Tooltip } from './tooltip.tsx'

export type ButtonVariant = 'primary' | 'plain' | 'quiet' | 'danger'

const LOOKS: Record<ButtonVariant, string> = {
  primary: 'bg-accent text-on-accent hover:brightness-110 active:brightness-95',
  plain: 'border border-line bg-surface text-ink hover:bg-hover active:bg-sunk',
  quiet: 'text-ink-2 hover:bg-hover hover:text-ink active:bg-sunk',
  danger: 'border border-line bg-surface text-bad hover:bg-bad-soft',
}

interface ButtonProps extends ComponentProps<'button'> {
  variant?: ButtonVariant
  /** A lucide icon at size 14. */
  icon?: ReactNode
  /** Its work is under way: it shows so and cannot be pressed again. */
  busy?: boolean
  small?: boolean
}

/** A button. Where it cannot be pressed, give the reason as `title`. */
export function Button({ variant = 'plain', icon, busy = false, small = false, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || busy}
      aria-busy={busy || undefined}
      className={classNames(lookOf(variant, small), rest.className)}
    >
      {busy ? <LoaderCircle size={14} className="animate-turn" aria-hidden /> : icon}
      {children}
    </button>
  )
}

/** A link that looks like a button: for going to another place of the application. */
export function LinkButton({
  href,
  variant = 'plain',
  icon,
  children,
}: {
  href: string
  variant?: ButtonVariant
  icon?: ReactNode
  children: ReactNode
}) {
  return (
    <a href={href} className={lookOf(variant, false)}>
      {icon}
      {children}
    </a>
  )
}

function lookOf(variant: ButtonVariant, small: boolean): string {
  return classNames(
    'inline-flex shrink-0 items-center justify-center gap-1.5 rounded font-medium whitespace-nowrap transition-colors select-none',
    'disabled:pointer-events-none disabled:opacity-50',
    small ? 'h-6 px-2 text-xs' : 'h-8 px-3 text-sm',
    LOOKS[variant],
  )
}

/** A button that shows only an icon; its label is read out and shown as a tooltip. */
export function IconButton({
  label,
  icon,
  kbd,
  pressed,
  ...rest
}: Omit<ComponentProps<'button'>, 'children'> & { label: string; icon: ReactNode; kbd?: string; pressed?: boolean }) {
  return (
    <Tooltip text={label} kbd={kbd}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        aria-pressed={pressed}
        className={classNames(
          'inline-flex size-7 shrink-0 items-center justify-center rounded text-ink-2 transition-colors hover:bg-hover hover:text-ink',
          'disabled:pointer-events-none disabled:opacity-50',
          pressed === true && 'bg-accent-soft text-accent',
          rest.className,
        )}
      >
        {icon}
      </button>
    </Tooltip>
  )
}
