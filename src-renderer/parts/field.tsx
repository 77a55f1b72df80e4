import { ChevronDown } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { classNames } from './class-names.ts'

const INPUT =
  'w-full rounded border border-line-strong bg-surface px-2 text-sm text-ink transition-colors placeholder:text-ink-3 hover:border-ink-3 disabled:opacity-60 aria-invalid:border-bad'

interface FieldTexts {
  label: string
  /** What the value is for, under the field. */
  hint?: ReactNode
  /** Why the value is refused; takes the place of the hint. */
  error?: string | null | undefined
  className?: string
}

/** A label, a control and a line that explains or refuses. `children` gets the ids that tie them together. */
export function Field({
  label,
  hint,
  error,
  className,
  children,
}: FieldTexts & {
  children: (ids: { id: string; 'aria-describedby': string; 'aria-invalid': boolean | undefined }) => ReactNode
}) {
  const id = useId()
  const hasError = error != null && error !== ''
  return (
    <div className={classNames('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      {children({ id, 'aria-describedby': `${id}-note`, 'aria-invalid': hasError || undefined })}
      <p id={`${id}-note`} className={classNames('min-h-4 text-xs', hasError ? 'text-bad' : 'text-ink-3')}>
        {hasError ? error : hint}
      </p>
    </div>
  )
}

/** A field of one line. */
export function TextField({ label, hint, error, className, ...input }: FieldTexts & ComponentProps<'input'>) {
  return (
    <Field label={label} hint={hint} error={error} {...(className === undefined ? {} : { className })}>
      {(ids) => <Input {...ids} {...input} />}
    </Field>
  )
}

/** An input without a label of its own; give it `aria-label`. */
export function Input(props: ComponentProps<'input'>) {
  return <input type="text" autoComplete="off" {...props} className={classNames(INPUT, 'h-8', props.className)} />
}

/** A text area without a label of its own; give it `aria-label`. */
export function TextArea(props: ComponentProps<'textarea'>) {
  return <textarea {...props} className={classNames(INPUT, 'py-1.5 leading-5', props.className)} />
}

/** A choice among few; the browser's own list, so that keyboards and screen readers know it. */
export function Select<Value extends string>({
  value,
  options,
  onChange,
  className,
  ...rest
}: Omit<ComponentProps<'select'>, 'value' | 'onChange' | 'children'> & {
  value: Value
  options: readonly { value: Value; label: string; disabled?: boolean }[]
  onChange: (value: Value) => void
}) {
  return (
    <span className={classNames('relative inline-flex', className)}>
      <select
        {...rest}
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value)
          if (chosen !== undefined) onChange(chosen.value)
        }}
        className={classNames(INPUT, 'h-8 appearance-none truncate pr-7')}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown size={14} aria-hidden className="pointer-events-none absolute top-2.25 right-2 text-ink-3" />
    </span>
  )
}

/** On or off, with the sentence that says what it does. */
export function Switch({
  checked,
  onChange,
  label,
  hint,
  disabled,
}: {
  checked: boolean
  onChange: (checked: boolean) => void
  label: string
  hint?: ReactNode
  disabled?: boolean
}) {
  const id = useId()
  return (
    <div className="flex items-start gap-2">
      <span className="relative mt-0.5 inline-flex h-4 w-7 shrink-0">
        <input
          id={id}
          type="checkbox"
          role="switch"
          aria-checked={checked}
          checked={checked}
          disabled={disabled}
          aria-describedby={hint === undefined ? undefined : `${id}-note`}
          onChange={(event) => onChange(event.target.checked)}
          className="peer absolute inset-0 z-10 m-0 opacity-0"
        />
        <span
          aria-hidden
          className={classNames(
            'relative h-4 w-7 rounded-full border transition-colors peer-focus-visible:outline-2 peer-focus-visible:outline-offset-1 peer-focus-visible:outline-accent peer-disabled:opacity-60',
            checked ? 'border-accent bg-accent' : 'border-line-strong bg-sunk',
          )}
        >
          <span
            className={classNames(
              'absolute top-px left-px size-3 rounded-full transition-transform',
              checked ? 'translate-x-3 bg-on-accent' : 'bg-ink-3',
            )}
          />
        </span>
      </span>
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm">
          {label}
        </label>
        {hint !== undefined && (
          <p id={`${id}-note`} className="text-xs text-ink-3">
            {hint}
          </p>
        )}
      </div>
    </div>
  )
}
