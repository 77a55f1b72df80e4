/** A value on a scale, moved by pointer or arrow keys. `shown` is how the value is read out; `onRelease`: a move has ended. */
export function Slider({
  label,
  value,
  max,
  step,
  shown,
  disabled = false,
  onChange,
  onRelease,
}: {
  label: string
  value: number
  max: number
  step: number
  shown: string
  disabled?: boolean
  onChange: (value: number) => void
  onRelease?: () => void
}) {
  return (
    <input
      type="range"
      aria-label={label}
      aria-valuetext={shown}
      min={0}
      max={max}
      step={step}
      value={value}
      disabled={disabled}
      onChange={(event) => onChange(Number(event.target.value))}
      onPointerUp={onRelease}
      onKeyUp={onRelease}
      onBlur={onRelease}
      className="h-6 w-full min-w-0 cursor-default disabled:opacity-60"
    />
  )
}
