import { Tooltip as Radix } from 'radix-ui'
import { type ReactElement, type ReactNode, use } from 'react'
import { Kbd } from './kbd.tsx'
import { LayerContext } from './layer.ts'

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
  const layer = use(LayerContext)
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal container={layer}>
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
