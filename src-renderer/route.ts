/** A place in the text of a document, in its characters. */
export interface DocumentPlace {
  readonly documentId: string
  readonly start: number
  readonly end: number
}

/** A place in the application, as written after `#` in the address. */
export type Route =
  | { page: 'inbox' }
  | { page: 'projects' }
  | { page: 'new-project' }
  | { page: 'project'; projectId: string; taskId: string | null }
  | { page: 'plan'; projectId: string }
  | { page: 'prompts' }
  | { page: 'jobs' }
  | { page: 'usage' }
  | { page: 'services' }
  | { page: 'first-run' }
  | { page: 'knowledge'; place: DocumentPlace | null }
  | { page: 'settings'; section: string | null }
  | { page: 'missing'; path: string }

/** Reads an address such as `#/projects/prj_1/tasks/tsk_2`. Empty means the list of projects. */
export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#\/?/, '').replace(/\?.*$/, '')
  const [first, second, third, fourth] = path.split('/').map(safeDecode)
  switch (first) {
    case '':
    case undefined:
      return { page: 'projects' }
    case 'inbox':
    case 'prompts':
    case 'jobs':
    case 'usage':
    case 'services':
    case 'first-run':
      return { page: first }
    case 'knowledge':
      return { page: 'knowledge', place: second ? placeIn(second, third ?? '') : null }
    case 'settings':
      return { page: 'settings', section: second ?? null }
    case 'projects':
      if (!second) return { page: 'projects' }
      if (second === 'new') return { page: 'new-project' }
      if (third === 'plan') return { page: 'plan', projectId: second }
      if (third === 'tasks' && fourth) return { page: 'project', projectId: second, taskId: fourth }
      if (!third) return { page: 'project', projectId: second, taskId: null }
      return { page: 'missing', path }
    default:
      return { page: 'missing', path }
  }
}

/** The address of a route; `parseRoute` reads it back. */
export function hrefOf(route: Route): string {
  switch (route.page) {
    case 'new-project':
      return '#/projects/new'
    case 'project':
      return `#/projects/${encodeURIComponent(route.projectId)}${route.taskId === null ? '' : `/tasks/${encodeURIComponent(route.taskId)}`}`
    case 'plan':
      return `#/projects/${encodeURIComponent(route.projectId)}/plan`
    case 'settings':
      return route.section === null ? '#/settings' : `#/settings/${encodeURIComponent(route.section)}`
    case 'knowledge':
      return route.place === null
        ? '#/knowledge'
        : `#/knowledge/${encodeURIComponent(route.place.documentId)}/${route.place.start}-${route.place.end}`
    case 'missing':
      return `#/${route.path}`
    default:
      return `#/${route.page}`
  }
}

function placeIn(documentId: string, range: string): DocumentPlace {
  const [start = 0, end = 0] = (/^(\d{1,9})-(\d{1,9})$/.exec(range)?.slice(1) ?? []).map(Number)
  return { documentId, start, end }
}

/** Goes to a place. With `replace`, Back does not return to the present one. */
export function navigate(route: Route, options?: { replace?: boolean }): void {
  const href = hrefOf(route)
  if (options?.replace === true) {
    history.replaceState(null, '', href)
    window.dispatchEvent(new HashChangeEvent('hashchange'))
  } else {
    location.hash = href
  }
}

function safeDecode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // Typed by hand and not decodable: the page for unknown addresses shows it as it is.
    return part
  }
}
