import { X } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { IconButton } from './button.tsx'

const MIN_WIDTH = 360
const MAX_WIDTH = 960
const STORAGE_KEY = 'baton.drawer-width'

/**
 * A panel at the right of the page, 480 px at first, resizable by its edge or with the arrow keys on it; Esc closes. It takes
 * the focus, so that Tab goes on inside, and gives it back to what opened it.
 */
export function Drawer({
  label,
  onClose,
  header,
  children,
}: {
  label: string
  onClose: () => void
  header: ReactNode
  children: ReactNode
}) {
  const [width, setWidth] = useState(readWidth)
  const panel = useRef<HTMLElement>(null)
  const resize = (next: number) => {
    const bounded = Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, next)))
    setWidth(bounded)
    sessionStorage.setItem(STORAGE_KEY, String(bounded))
  }
  useEffect(() => {
    const opener = document.activeElement
    panel.current?.focus({ preventScroll: true })
    return () => {
      const isLost = document.activeElement === null || document.activeElement === document.body
      if (isLost && opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true })
    }
  }, [])
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      // A dialog or an edited field above the drawer has the key first.
      if (event.key === 'Escape' && !event.defaultPrevented && document.querySelector('dialog[open]') === null)
        onClose()
    }
    window.addEventListener('keydown', close)
    return () => window.removeEventListener('keydown', close)
  }, [onClose])
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={label}
      style={{ width }}
      className="relative flex max-w-[70vw] shrink-0 animate-slide-in flex-col border-l bg-surface"
    >
      {/* biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved; this separator can */}
      <div
        role="separator"
        tabIndex={0}
        aria-label="Width of the panel"
        aria-orientation="vertical"
        aria-valuenow={width}
        aria-valuemin={MIN_WIDTH}
        aria-valuemax={MAX_WIDTH}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId) && panel.current !== null) {
            resize(panel.current.getBoundingClientRect().right - event.clientX)
          }
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowLeft') resize(width + 24)
          if (event.key === 'ArrowRight') resize(width - 24)
        }}
        className="absolute inset-y-0 -left-1 z-10 w-2 cursor-col-resize"
      />
      <header className="flex items-start gap-2 border-b px-4 py-2">
        <div className="min-w-0 flex-1">{header}</div>
        <IconButton label="Close" kbd="Esc" icon={<X size={16} />} onClick={onClose} />
      </header>
      <div className="flex min-h-0 flex-1 flex-col">{children}</div>
    </aside>
  )
}

function readWidth(): number {
  const kept = Number(sessionStorage.getItem(STORAGE_KEY))
  return kept >= MIN_WIDTH && kept <= MAX_WIDTH ? kept : 480
}
