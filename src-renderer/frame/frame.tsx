import { HardDrive, Unplug } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useLine } from '../client/events.ts'
import { useStatus } from '../client/queries.ts'
import type { Route } from '../route.ts'
import { frameTexts } from '../texts/frame.ts'
import { Palette } from './palette.tsx'
import { Rail } from './rail.tsx'
import { ShortcutsDialog } from './shortcuts-dialog.tsx'
import { Strip } from './strip.tsx'
import { useShortcuts } from './use-shortcuts.ts'

/** What stands around every page: the strip above, the rail at the left, and the page itself. */
export function Frame({ route, children }: { route: Route; children: ReactNode }) {
  const [overlay, setOverlay] = useState<'palette' | 'shortcuts' | null>(null)
  useWindowTitle()
  useShortcuts({ openPalette: () => setOverlay('palette'), openHelp: () => setOverlay('shortcuts') })
  return (
    <div className="flex h-full flex-col">
      <button
        type="button"
        onClick={() => document.getElementById('page')?.focus()}
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:px-3 focus:py-2"
      >
        {frameTexts.skipToPage}
      </button>
      <Strip />
      <LineNote />
      <StorageNote />
      <div className="flex min-h-0 flex-1">
        <Rail route={route} openPalette={() => setOverlay('palette')} openShortcuts={() => setOverlay('shortcuts')} />
        <main id="page" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col outline-none">
          {children}
        </main>
      </div>
      <Palette open={overlay === 'palette'} onClose={() => setOverlay(null)} />
      <ShortcutsDialog open={overlay === 'shortcuts'} onClose={() => setOverlay(null)} />
    </div>
  )
}

/** The window's title says whether it needs you, for a look at the task bar. */
function useWindowTitle(): void {
  const needsYou = useStatus().data?.needs_you ?? 0
  useEffect(() => {
    document.title = frameTexts.windowTitle(needsYou)
  }, [needsYou])
}

/** Says that nothing can be written down, why, and what to do (D4). */
function StorageNote() {
  const storage = useStatus().data?.storage ?? null
  if (storage === null) return null
  return (
    <div role="alert" className="flex items-center gap-2 border-b bg-bad-soft px-4 py-1.5 text-bad">
      <HardDrive size={14} aria-hidden className="shrink-0" />
      {storage.message}
    </div>
  )
}

/** Says that the page may be old, while the line to Baton is broken. */
function LineNote() {
  const state = useLine((line) => line.state)
  if (state !== 'lost') return null
  return (
    <div role="alert" className="flex items-center gap-2 border-b bg-bad-soft px-4 py-1.5 text-bad">
      <Unplug size={14} aria-hidden />
      {frameTexts.lineLost}
    </div>
  )
}
