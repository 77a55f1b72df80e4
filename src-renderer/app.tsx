import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { endAhead } from './client/ask-ahead.ts'
import type { Connection } from './client/client.ts'
import { ConnectionProvider } from './client/connection.tsx'
import { followEvents } from './client/events.ts'
import { toFault } from './client/fault.ts'
import { readAhead, statusQuery } from './client/queries.ts'
import { FirstRunGate } from './first-run/first-run-gate.tsx'
import { Boundary } from './frame/boundary.tsx'
import { Frame } from './frame/frame.tsx'
import { LatePage } from './frame/late-page.tsx'
import { MissingPage } from './frame/missing-page.tsx'
import { useRoute } from './frame/use-route.ts'
import { PAGES } from './pages.ts'
import { SkeletonRows } from './parts/notes.tsx'
import { Toasts } from './parts/toast.tsx'
import { TooltipProvider } from './parts/tooltip.tsx'
import { ProjectsPage } from './projects/projects-page.tsx'
import { hrefOf, parseRoute, type Route } from './route.ts'

/** The application behind an open connection. */
export function App({ connection }: { connection: Connection }) {
  const [{ queries, status }] = useState(() => {
    const created = createQueries()
    // Who follows the events hears of a failure, and asks again; it may begin after it.
    const asked = created.fetchQuery({ ...statusQuery(connection.client), retry: false })
    asked.catch(() => {})
    return { queries: created, status: asked }
  })
  // What is read before the status says where the events begin would have to be read twice.
  const [isKnown, setKnown] = useState(false)
  useEffect(() => {
    const left = new AbortController()
    const onKnown = () => {
      readAhead(parseRoute(location.hash), connection.client, queries)
      // By then its calls have left, which takes no more than promises that are kept already.
      setTimeout(endAhead)
      setKnown(true)
    }
    // Then each page tells what is wrong.
    status.catch(() => setKnown(true))
    void followEvents(connection, queries, left.signal, { status, onKnown })
    return () => left.abort()
  }, [connection, queries, status])
  return (
    <ConnectionProvider connection={connection}>
      <QueryClientProvider client={queries}>
        <TooltipProvider delayDuration={400}>
          <Pages isKnown={isKnown} />
          <Toasts />
        </TooltipProvider>
      </QueryClientProvider>
    </ConnectionProvider>
  )
}

function Pages({ isKnown }: { isKnown: boolean }) {
  const route = useRoute()
  return (
    <Frame route={route}>
      {/* A page that fails leaves the frame standing; another address tries anew. */}
      <Boundary key={boundaryKey(route)}>{isKnown ? <PageOf route={route} /> : <SkeletonRows />}</Boundary>
    </Frame>
  )
}

const NOTHING = {}

function PageOf({ route }: { route: Route }) {
  switch (route.page) {
    case 'inbox':
      return <LatePage load={PAGES.inbox} given={NOTHING} />
    case 'projects':
      return (
        <FirstRunGate>
          <ProjectsPage />
        </FirstRunGate>
      )
    case 'new-project':
      return <LatePage load={PAGES['new-project']} given={NOTHING} />
    case 'project':
      return (
        <LatePage
          key={route.projectId}
          load={PAGES.project}
          given={{ projectId: route.projectId, taskId: route.taskId }}
        />
      )
    case 'plan':
      return <LatePage key={route.projectId} load={PAGES.plan} given={{ projectId: route.projectId }} />
    case 'prompts':
      return <LatePage load={PAGES.prompts} given={NOTHING} />
    case 'jobs':
      return <LatePage load={PAGES.jobs} given={NOTHING} />
    case 'usage':
      return <LatePage load={PAGES.usage} given={NOTHING} />
    case 'services':
      return <LatePage load={PAGES.services} given={NOTHING} />
    case 'first-run':
      return <LatePage load={PAGES['first-run']} given={NOTHING} />
    case 'knowledge':
      return <LatePage load={PAGES.knowledge} given={{ place: route.place }} />
    case 'settings':
      return <LatePage load={PAGES.settings} given={{ section: route.section }} />
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
