import { Command } from 'cmdk'
import {
  Activity,
  BookOpenText,
  ChartNoAxesColumn,
  CirclePause,
  CirclePlay,
  FolderKanban,
  Forward,
  Inbox,
  ListChecks,
  MessageSquareText,
  MousePointerClick,
  Plus,
  Rows3,
  Settings2,
  SunMoon,
} from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useConnection } from '../client/connection.tsx'
import { useMe, useProjects, useStatus } from '../client/queries.ts'
import { StateShape } from '../parts/state-shape.tsx'
import { navigate, type Route } from '../route.ts'
import { sectionNames } from '../settings/section-names.ts'
import { frameTexts } from '../texts/frame.ts'
import { settingsTexts } from '../texts/settings.ts'
import { stateTexts } from '../texts/states.ts'
import { toggleTheme, useLook } from '../theme.ts'
import { pageActions } from './page-actions.ts'
import { usePauseAll } from './use-pause-all.ts'

const ITEM =
  'flex h-9 items-center gap-2.5 rounded px-2.5 text-ink-2 data-[selected=true]:bg-accent-soft data-[selected=true]:text-ink'
const GROUP =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-3'

/** Every place and the common actions, by name (Ctrl K). */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open && dialog.current?.open === false) {
      dialog.current.showModal()
      dialog.current.querySelector('input')?.focus()
    }
    if (!open) dialog.current?.close()
  }, [open])
  if (!open) return null
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click beside the dialog is an addition; Esc is the browser's own
    <dialog
      ref={dialog}
      aria-label={frameTexts.palette}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) onClose()
      }}
      className="mx-auto mt-[14vh] w-[36rem] max-w-[92vw] animate-appear overflow-hidden rounded border border-line bg-raised p-0 shadow-pop"
    >
      <PaletteList onClose={onClose} />
    </dialog>
  )
}

function PaletteList({ onClose }: { onClose: () => void }) {
  const { data: status } = useStatus()
  const projects = useProjects()
  const { kind } = useConnection()
  const me = useMe()
  const pause = usePauseAll()
  const [here] = useState(pageActions)
  const act = (action: () => void) => () => {
    onClose()
    action()
  }
  const goTo = (route: Route) => act(() => navigate(route))
  return (
    <Command label={frameTexts.palette} loop>
      <Command.Input
        placeholder={frameTexts.palettePlaceholder}
        className="h-11 w-full border-b bg-transparent px-4 text-md outline-none"
      />
      <Command.List className="max-h-[50vh] overflow-auto p-1.5">
        <Command.Empty className="px-3 py-6 text-center text-ink-2">{frameTexts.paletteEmpty}</Command.Empty>
        <Command.Group heading="Do" className={GROUP}>
          <Item icon={<Plus size={15} />} onSelect={goTo({ page: 'new-project' })}>
            {frameTexts.newProject}
          </Item>
          {status !== undefined && (
            <Item
              icon={status.paused ? <CirclePlay size={15} /> : <CirclePause size={15} />}
              onSelect={act(() => pause.mutate(!status.paused))}
            >
              {status.paused ? frameTexts.resumeAll : frameTexts.pauseAll}
            </Item>
          )}
          <Item icon={<SunMoon size={15} />} onSelect={act(toggleTheme)}>
            Light or dark
          </Item>
          <Item
            icon={<Rows3 size={15} />}
            onSelect={act(() =>
              useLook.setState(({ density }) => ({ density: density === 'compact' ? 'normal' : 'compact' })),
            )}
          >
            Dense or normal rows
          </Item>
        </Command.Group>
        {here.length > 0 && (
          <Command.Group heading={frameTexts.onThisPage} className={GROUP}>
            {here.map(({ name, run }) => (
              <Item
                key={name}
                value={`${name} ${frameTexts.onThisPage}`}
                icon={<MousePointerClick size={15} />}
                onSelect={act(run)}
              >
                {name}
              </Item>
            ))}
          </Command.Group>
        )}
        <Command.Group heading="Go to" className={GROUP}>
          <Item icon={<Inbox size={15} />} onSelect={goTo({ page: 'inbox' })}>
            {frameTexts.pages.inbox}
          </Item>
          <Item icon={<FolderKanban size={15} />} onSelect={goTo({ page: 'projects' })}>
            {frameTexts.pages.projects}
          </Item>
          <Item icon={<MessageSquareText size={15} />} onSelect={goTo({ page: 'prompts' })}>
            {frameTexts.pages.prompts}
          </Item>
          <Item icon={<Forward size={15} />} onSelect={goTo({ page: 'jobs' })}>
            {frameTexts.pages.jobs}
          </Item>
          <Item icon={<BookOpenText size={15} />} onSelect={goTo({ page: 'knowledge', place: null })}>
            {frameTexts.pages.knowledge}
          </Item>
          <Item icon={<ChartNoAxesColumn size={15} />} onSelect={goTo({ page: 'usage' })}>
            {frameTexts.pages.usage}
          </Item>
          <Item icon={<Activity size={15} />} onSelect={goTo({ page: 'services' })}>
            {frameTexts.pages.services}
          </Item>
          <Item icon={<ListChecks size={15} />} onSelect={goTo({ page: 'first-run' })}>
            {frameTexts.firstRun}
          </Item>
          {sectionNames(kind, me.data?.scopes.includes('admin') ?? true).map((section) => (
            <Item key={section} icon={<Settings2 size={15} />} onSelect={goTo({ page: 'settings', section })}>
              {frameTexts.pages.settings}: {settingsTexts.sections[section]}
            </Item>
          ))}
        </Command.Group>
        {projects.data !== undefined && projects.data.length > 0 && (
          <Command.Group heading={frameTexts.pages.projects} className={GROUP}>
            {projects.data.slice(0, 500).map((project) => (
              <Item
                key={project.id}
                value={`${project.name} ${project.id}`}
                icon={<StateShape state={project.state} />}
                onSelect={goTo({ page: 'project', projectId: project.id, taskId: null })}
              >
                <span className="flex-1 truncate">{project.name}</span>
                <span className="text-xs text-ink-3">{stateTexts[project.state]}</span>
              </Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
    </Command>
  )
}

function Item({
  icon,
  value,
  onSelect,
  children,
}: {
  icon: ReactNode
  value?: string
  onSelect: () => void
  children: ReactNode
}) {
  return (
    <Command.Item {...(value === undefined ? {} : { value })} onSelect={onSelect} className={ITEM}>
      {icon}
      {children}
    </Command.Item>
  )
}
