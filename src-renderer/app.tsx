import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import type { Connection } from './client/client.ts'
import { ConnectionProvider } from './client/connection.tsx'
import { followEvents } from './client/events.ts'
import { toFault } from './client/fault.ts'
import { readAhead, statusQuery } from './client/queries.ts'
import { FirstRunGate } from './first-run/first-run-gate.tsx'
import { Boundary } from './frame/boundary.tsx'
import { Frame } from './frame/frame.tsx'
import { MissingPage } from './frame/missing-page.tsx'
import { SkeletonRows } from './parts/notes.tsx'
import { Toasts } from './parts/toast.tsx'
import { TooltipProvider } from './parts/tooltip.tsx'
import { ProjectsPage } from './projects/projects-page.tsx'
import { hrefOf, parseRoute, type Route, useRoute } from './route.ts'

// Graph, editor and charts come when they are opened first: the first page must not wait for them.
const InboxPage = lazy(() => import('./inbox/inbox-page.tsx'))
const NewProjectPage = lazy(() => import('./projects/new-project-page.tsx'))
const ProjectPage = lazy(() => import('./project/project-page.tsx'))
const PlanEditorPage = lazy(() => import('./plan-editor/plan-editor-page.tsx'))
const PromptsPage = lazy(() => import('./prompts/prompts-page.tsx'))
const JobsPage = lazy(() => import('./jobs/jobs-page.tsx'))
const UsagePage = lazy(() => import('./usage/usage-page.tsx'))
const ServicesPage = lazy(() => import('./services/services-page.tsx'))
const KnowledgePage = lazy(() => import('./knowledge/knowledge-page.tsx'))
const FirstRunPage = lazy(() => import('./first-run/first-run-page.tsx'))
const SettingsPage = lazy(() => import('./settings/settings-page.tsx'))

/** The application behind an open connection. */
export function App({ connection }: { connection: Connection }) {
  const [{ queries, status }] = useState(() => {
    const created = createQueries()
    const asked = created.fetchQuery(statusQuery(connection.client))
    // Who follows the events hears of a failure; it may begin after it.
    asked.catch(() => {})
    return { queries: created, status: asked }
  })
  useEffect(() => {
    const left = new AbortController()
    const onKnown = () => readAhead(parseRoute(location.hash), connection.client, queries)
    void followEvents(connection, queries, left.signal, { status, onKnown })
    return () => left.abort()
  }, [connection, queries, status])
  return (
    <ConnectionProvider connection={connection}>
      <QueryClientProvider client={queries}>
        <TooltipProvider delayDuration={400}>
          <Pages />
          <Toasts />
        </TooltipProvider>
      </QueryClientProvider>
    </ConnectionProvider>
  )
}

function Pages() {
  const route = useRoute()
  return (
    <Frame route={route}>
      {/* A page that fails leaves the frame standing; another address tries anew. */}
      <Boundary key={boundaryKey(route)}>
        <Suspense fallback={<SkeletonRows />}>
          <PageOf route={route} />
        </Suspense>
      </Boundary>
    </Frame>
  )
}

function PageOf({ route }: { route: Route }) {
  switch (route.page) {
    case 'inbox':
      return <InboxPage />
    case 'projects':
      return (
        <FirstRunGate>
          <ProjectsPage />
        </FirstRunGate>
      )
    case 'new-project':
      return <NewProjectPage />
    case 'project':
      return <ProjectPage key={route.projectId} projectId={route.projectId} taskId={route.taskId} />
    case 'plan':
      return <PlanEditorPage key={route.projectId} projectId={route.projectId} />
    case 'prompts':
      return <PromptsPage />
    case 'jobs':
      return <JobsPage />
    case 'usage':
      return <UsagePage />
    case 'services':
      return <ServicesPage />
    case 'first-run':
      return <FirstRunPage />
    case 'knowledge':
      return <KnowledgePage place={route.place} />
    case 'settings':
      return <SettingsPage section={route.section} />
    case 'missing':
      return <MissingPage path={route.path} />
  }
}

/** Opening another task of the same project, or another document, keeps the page. */
function boundaryKey(route: Route): string {
  if (route.page === 'project') return route.projectId
  return route.page === 'settings' || route.page === 'knowledge' ? route.page : hrefOf(route)
}

function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Events say when an answer is out of date.
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 10 * 60_000,
        retry: (failures, error) => failures < 2 && toFault(error).may_heal,
        refetchOnWindowFocus: false,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
}
