import { FolderKanban, Plus } from 'lucide-react'
import { useState } from 'react'
import { ImportButton } from '../archive/import-dialog.tsx'
import { useProjects } from '../client/queries.ts'
import { LinkButton } from '../parts/button.tsx'
import { Input } from '../parts/field.tsx'
import { Kbd } from '../parts/kbd.tsx'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Page } from '../parts/page.tsx'
import { hrefOf } from '../route.ts'
import { counted } from '../texts/figures.ts'
import { frameTexts } from '../texts/frame.ts'
import { projectsTexts } from '../texts/projects.ts'
import { NoModelNote } from './no-model-note.tsx'
import { ProjectTable } from './project-table.tsx'

/** All projects, newest work first. Free prompts have a page of their own. */
export function ProjectsPage() {
  const projects = useProjects()
  const [search, setSearch] = useState('')
  const all = projects.data?.filter((project) => project.kind === 'plan')
  const found = (all ?? []).filter((project) =>
    `${project.name} ${project.id}`.toLowerCase().includes(search.trim().toLowerCase()),
  )
  return (
    <Page
      title={frameTexts.pages.projects}
      subtitle={all === undefined || all.length === 0 ? undefined : counted(all.length, 'project')}
      fill
      actions={
        <>
          {(all?.length ?? 0) > 5 && (
            <Input
              type="search"
              aria-label={projectsTexts.search}
              placeholder={projectsTexts.search}
              value={search}
              onChange={(event) => setSearch(event.target.value)}
              className="max-w-56"
            />
          )}
          <ImportButton />
          <LinkButton variant="primary" icon={<Plus size={14} />} href={hrefOf({ page: 'new-project' })}>
            {frameTexts.newProject}
          </LinkButton>
        </>
      }
    >
      <div className="flex min-h-0 flex-1 flex-col px-6 py-4">
        {projects.error !== null ? (
          <FaultNote error={projects.error} retry={() => void projects.refetch()} />
        ) : all === undefined ? (
          <SkeletonRows />
        ) : all.length === 0 ? (
          <NoProjects />
        ) : found.length === 0 ? (
          <EmptyState title={projectsTexts.noneFound(search)} />
        ) : (
          <ProjectTable projects={found} />
        )}
      </div>
    </Page>
  )
}

function NoProjects() {
  return (
    <>
      <NoModelNote />
      <EmptyState
        icon={<FolderKanban size={28} strokeWidth={1.5} />}
        title={projectsTexts.empty}
        action={
          <>
            <LinkButton variant="primary" icon={<Plus size={14} />} href={hrefOf({ page: 'new-project' })}>
              {frameTexts.newProject}
            </LinkButton>
            <LinkButton href={hrefOf({ page: 'first-run' })}>{projectsTexts.emptySample}</LinkButton>
          </>
        }
      >
        <p>{projectsTexts.emptyHint}</p>
        <p className="mt-3 text-xs text-ink-3">
          <Kbd keys="N" /> {projectsTexts.emptyKeys}
        </p>
      </EmptyState>
    </>
  )
}
