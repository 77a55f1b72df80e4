import { Tooltip as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { Kbd } from './kbd.tsx'

export const TooltipProvider = Radix.Provider

/** Says more about what is under the pointer or the focus. `children` is one element that takes a ref. */
export function Tooltip({
  text,
  kbd,
  side = 'bottom',
  children,
}: {
  text: ReactNode
  kbd?: string | undefined
  side?: 'top' | 'right' | 'bottom' | 'left'
  children: ReactElement
}) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-80 animate-appear rounded border border-line bg-raised px-2 py-1 text-xs text-ink shadow-pop"
        >
          {text}
          {kbd !== undefined && (
            <span className="ml-2">
              <Kbd keys={kbd} />
            </span>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
