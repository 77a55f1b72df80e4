import {
  Activity,
  BookOpenText,
  ChartNoAxesColumn,
  FolderKanban,
  Forward,
  Inbox,
  Keyboard,
  MessageSquareText,
  Moon,
  Search,
  Settings2,
  Sun,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { useStatus } from '../client/queries.ts'
import { IconButton } from '../parts/button.tsx'
import { classNames } from '../parts/class-names.ts'
import { Kbd } from '../parts/kbd.tsx'
import { hrefOf, type Route } from '../route.ts'
import { frameTexts } from '../texts/frame.ts'
import { isDark, toggleTheme, useLook } from '../theme.ts'
import { Wordmark } from './wordmark.tsx'

interface Place {
  readonly route: Route
  readonly label: string
  readonly icon: ReactNode
  /** Pages that belong to this place. */
  readonly pages: readonly Route['page'][]
}

const PLACES: readonly Place[] = [
  { route: { page: 'inbox' }, label: frameTexts.pages.inbox, icon: <Inbox size={16} />, pages: ['inbox'] },
  {
    route: { page: 'projects' },
    label: frameTexts.pages.projects,
    icon: <FolderKanban size={16} />,
    pages: ['projects', 'project', 'new-project', 'plan'],
  },
  {
    route: { page: 'prompts' },
    label: frameTexts.pages.prompts,
    icon: <MessageSquareText size={16} />,
    pages: ['prompts'],
  },
  { route: { page: 'jobs' }, label: frameTexts.pages.jobs, icon: <Forward size={16} />, pages: ['jobs'] },
  {
    route: { page: 'knowledge', place: null },
    label: frameTexts.pages.knowledge,
    icon: <BookOpenText size={16} />,
    pages: ['knowledge'],
  },
  { route: { page: 'usage' }, label: frameTexts.pages.usage, icon: <ChartNoAxesColumn size={16} />, pages: ['usage'] },
  { route: { page: 'services' }, label: frameTexts.pages.services, icon: <Activity size={16} />, pages: ['services'] },
  {
    route: { page: 'settings', section: null },
    label: frameTexts.pages.settings,
    icon: <Settings2 size={16} />,
    pages: ['settings'],
  },
]

/** The places of the application, at the left of every page. */
export function Rail({
  route,
  openPalette,
  openShortcuts,
}: {
  route: Route
  openPalette: () => void
  openShortcuts: () => void
}) {
  const { data: status } = useStatus()
  useLook((look) => look.theme)
  return (
    <div className="flex w-44 shrink-0 flex-col border-r bg-surface p-2 max-lg:w-12">
      <div className="flex h-9 items-center px-2 max-lg:[&_span]:text-[0px]">
        <Wordmark />
      </div>
      <button
        type="button"
        onClick={openPalette}
        aria-label={frameTexts.palette}
        className="mt-1 mb-3 flex h-8 items-center gap-2 rounded border px-2 text-ink-3 transition-colors hover:bg-hover hover:text-ink"
      >
        <Search size={14} aria-hidden className="shrink-0" />
        <span className="flex-1 truncate text-left max-lg:hidden">{frameTexts.find}</span>
        <span aria-hidden className="max-lg:hidden">
          <Kbd keys="Ctrl K" />
        </span>
      </button>
      <nav aria-label="Places" className="flex flex-col gap-0.5">
        {PLACES.map((place) => {
          const here = place.pages.includes(route.page)
          const needed = place.route.page === 'inbox' ? (status?.needs_you ?? 0) : 0
          return (
            <a
              key={place.label}
              href={hrefOf(place.route)}
              aria-current={here ? 'page' : undefined}
              className={classNames(
                'relative flex h-8 items-center gap-2 rounded px-2 transition-colors',
                here ? 'bg-accent-soft font-medium text-ink' : 'text-ink-2 hover:bg-hover hover:text-ink',
              )}
            >
              <span className={classNames('shrink-0', here && 'text-accent')}>{place.icon}</span>
              <span className="flex-1 truncate max-lg:sr-only">{place.label}</span>
              {needed > 0 && (
                <span className="figures rounded-full bg-needs-soft px-1.5 text-xs font-medium text-needs max-lg:absolute max-lg:-top-1 max-lg:-right-1 max-lg:bg-needs max-lg:text-surface">
                  {needed}
                  <span className="sr-only"> {frameTexts.needsYou(needed)}</span>
                </span>
              )}
            </a>
          )
        })}
      </nav>
      <div className="mt-auto flex gap-1 max-lg:flex-col">
        <IconButton
          label={isDark() ? frameTexts.theme.light : frameTexts.theme.dark}
          kbd="Shift T"
          icon={isDark() ? <Sun size={16} /> : <Moon size={16} />}
          onClick={toggleTheme}
        />
        <IconButton label={frameTexts.shortcuts} kbd="?" icon={<Keyboard size={16} />} onClick={openShortcuts} />
      </div>
    </div>
  )
}
