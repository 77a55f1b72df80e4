import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { toFault } from '../client/fault.ts'
import { faultTexts } from '../texts/fault.ts'
import { Button } from './button.tsx'

/** A place with nothing in it yet: what belongs here and how it comes to be. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-16 text-center">
      {icon !== undefined && <div className="text-ink-3">{icon}</div>}
      <h2 className="text-lg font-medium">{title}</h2>
      {children !== undefined && <div className="max-w-md text-ink-2">{children}</div>}
      {action !== undefined && <div className="mt-3 flex gap-2">{action}</div>}
    </div>
  )
}

/** What went wrong, why, and the button that does something about it. */
export function ErrorNote({
  what,
  why,
  reference,
  action,
}: {
  what: string
  why?: string
  reference?: string | null
  action?: ReactNode
}) {
  return (
    <div role="alert" className="flex items-start gap-3 rounded border border-bad/40 bg-bad-soft p-3">
      <TriangleAlert size={16} className="mt-0.5 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{what}</p>
        {why !== undefined && why !== '' && (
          <p className="mt-0.5 break-words whitespace-pre-line text-ink-2 select-text">{why}</p>
        )}
        {reference != null && (
          <p className="mt-1 font-mono text-xs text-ink-3 select-text">{faultTexts.reference(reference)}</p>
        )}
      </div>
      {action}
    </div>
  )
}

/** The failure of a call as an `ErrorNote`; with `retry`, a button where trying again can help. */
export function FaultNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const fault = toFault(error)
  return (
    <ErrorNote
      what={fault.what}
      why={fault.why}
      reference={fault.correlation_id}
      action={retry !== undefined && fault.may_heal ? <Button onClick={retry}>{faultTexts.retry}</Button> : undefined}
    />
  )
}

/** Rows that stand where a list will be; seen only where loading takes longer than 300 ms. */
export function SkeletonRows({ rows = 5 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-2 p-1">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all rows are the same
        <div key={index} className="skeleton h-9" style={{ width: `${100 - ((index * 13) % 30)}%` }} />
      ))}
    </div>
  )
}
