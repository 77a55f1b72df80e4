import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

/** A page of the frame: a title row with the primary action at the right, and the content that scrolls. */
export function Page({
  title,
  subtitle,
  actions,
  children,
  fill = false,
}: {
  title: ReactNode
  subtitle?: ReactNode
  actions?: ReactNode
  children: ReactNode
  /** The content fills the page and scrolls by itself. */
  fill?: boolean
}) {
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <header className="flex min-h-14 shrink-0 flex-wrap items-center justify-end gap-x-4 gap-y-2 border-b px-6 py-2">
        {/* Where the actions leave the title no room, they go below it. */}
        <div className="min-w-0 flex-[1_1_16rem]">
          <h1 className="truncate text-lg font-semibold">{title}</h1>
          {subtitle !== undefined && <div className="truncate text-ink-2">{subtitle}</div>}
        </div>
        {actions}
      </header>
      <div className={classNames('min-h-0 flex-1', fill ? 'flex flex-col' : 'overflow-auto px-6 py-5')}>{children}</div>
    </div>
  )
}

/** A titled group on a page. */
export function Section({ title, hint, children }: { title: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-3">
      <div>
        <h2 className="text-md font-semibold">{title}</h2>
        {hint !== undefined && <p className="text-ink-2">{hint}</p>}
      </div>
      {children}
    </section>
  )
}
