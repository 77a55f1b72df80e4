import { Check, TriangleAlert, X } from 'lucide-react'
import { create } from 'zustand'
import { faultText } from '../client/fault.ts'
import { IconButton } from './button.tsx'

interface ToastItem {
  readonly id: number
  readonly text: string
  readonly kind: 'done' | 'fault'
}

const useToasts = create<{ items: readonly ToastItem[] }>(() => ({ items: [] }))
let lastId = 0

/** Says that something is done. Gone after a few seconds. */
export function toastDone(text: string): void {
  show(text, 'done', 4_000)
}

/** Says why something failed; stays until it is closed or half a minute passed. */
export function toastFault(error: unknown): void {
  show(faultText(error), 'fault', 30_000)
}

function show(text: string, kind: ToastItem['kind'], ms: number): void {
  lastId += 1
  const id = lastId
  useToasts.setState(({ items }) => ({
    items: [...items.filter((item) => item.text !== text), { id, text, kind }].slice(-4),
  }))
  setTimeout(() => close(id), ms)
}

function close(id: number): void {
  useToasts.setState(({ items }) => ({ items: items.filter((item) => item.id !== id) }))
}

/** Where toasts appear. Once per page. */
export function Toasts() {
  const items = useToasts((store) => store.items)
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed right-4 bottom-4 z-50 flex w-96 max-w-[90vw] flex-col gap-2"
    >
      {items.map((item) => (
        <div
          key={item.id}
          role={item.kind === 'fault' ? 'alert' : 'status'}
          className="pointer-events-auto flex animate-appear items-start gap-2 rounded border border-line bg-raised py-2 pr-2 pl-3 shadow-pop"
        >
          {item.kind === 'done' ? (
            <Check size={16} className="mt-0.5 shrink-0 text-good" aria-hidden />
          ) : (
            <TriangleAlert size={16} className="mt-0.5 shrink-0 text-bad" aria-hidden />
          )}
          <p className="min-w-0 flex-1 break-words">{item.text}</p>
          <IconButton label="Close" icon={<X size={14} />} className="size-5" onClick={() => close(item.id)} />
        </div>
      ))}
    </div>
  )
}
