import { type AnyState, stateTexts } from '../texts/states.ts'
import { classNames } from './class-names.ts'

/** How a state looks. Each has a shape of its own, so that colour is never needed to tell them apart. */
export type Shape = 'still' | 'next' | 'ring' | 'check' | 'clock' | 'dot' | 'cross' | 'bar' | 'dash' | 'pause'

const SHAPES: Record<AnyState, Shape> = {
  draft: 'still',
  pending: 'still',
  queued: 'next',
  ready: 'next',
  planning: 'ring',
  executing: 'ring',
  running: 'ring',
  sent: 'ring',
  succeeded: 'check',
  done: 'check',
  approved: 'check',
  waiting: 'clock',
  awaiting_approval: 'dot',
  proposed: 'dot',
  failed: 'cross',
  rejected: 'cross',
  blocked: 'bar',
  unknown: 'dot',
  skipped: 'dash',
  cancelled: 'dash',
  superseded: 'dash',
  paused: 'pause',
}

export const SHAPE_COLOURS: Record<Shape, string> = {
  still: 'text-line-strong',
  next: 'text-ink-3',
  ring: 'text-accent',
  check: 'text-good',
  clock: 'text-ink-2',
  dot: 'text-needs',
  cross: 'text-bad',
  bar: 'text-bad',
  dash: 'text-ink-3',
  pause: 'text-ink-2',
}

/** The shape of a state. `needsYou`: it waits for a person (budget, approval), whatever its state. */
export function shapeOf(state: AnyState, needsYou = false): Shape {
  return needsYou ? 'dot' : SHAPES[state]
}

/** A state as colour and shape, with its word for screen readers (`label=false` where the word stands beside it). */
export function StateShape({
  state,
  needsYou = false,
  size = 14,
  label = true,
}: {
  state: AnyState
  needsYou?: boolean
  size?: number
  label?: boolean
}) {
  const shape = shapeOf(state, needsYou)
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      className={classNames('shrink-0', SHAPE_COLOURS[shape], shape === 'ring' && 'animate-turn')}
      role={label ? 'img' : undefined}
      aria-label={label ? (needsYou ? stateTexts.needs_you : stateTexts[state]) : undefined}
      aria-hidden={label ? undefined : true}
    >
      <ShapePath shape={shape} />
    </svg>
  )
}

function ShapePath({ shape }: { shape: Shape }) {
  switch (shape) {
    case 'still':
      return <circle cx="8" cy="8" r="5.5" strokeDasharray="1 3.3" />
    case 'next':
      return <circle cx="8" cy="8" r="5.5" />
    case 'ring':
      return (
        <>
          <circle cx="8" cy="8" r="6" opacity="0.25" />
          <path d="M8 2a6 6 0 0 1 6 6" />
        </>
      )
    case 'check':
      return <path d="m3 8.5 3.5 3.5L13 4.5" />
    case 'clock':
      return (
        <>
          <circle cx="8" cy="8" r="6" />
          <path d="M8 4.8V8l2.2 1.6" />
        </>
      )
    case 'dot':
      return <circle cx="8" cy="8" r="4" fill="currentColor" />
    case 'cross':
      return <path d="m4 4 8 8M12 4l-8 8" />
    case 'bar':
      return (
        <>
          <circle cx="8" cy="8" r="6" />
          <path d="M5 8h6" />
        </>
      )
    case 'dash':
      return <path d="M3.5 8h9" />
    case 'pause':
      return <path d="M5.5 3.5v9M10.5 3.5v9" />
  }
}
