import { projectId, taskId } from './ids.ts'
import { err, ok, type Result } from './result.ts'

/** The scheme of links that open a place in Baton's window, such as `baton://inbox`. */
export const LINK_SCHEME = 'baton'

/** Pages that need no id, as a link names them. */
const PAGES: ReadonlySet<string> = new Set([
  'inbox',
  'projects',
  'prompts',
  'usage',
  'services',
  'knowledge',
  'settings',
])
/** Longer than any link that Baton makes. */
const MAX_LENGTH = 100

/**
 * The place that a link names, as the page's address has it after `#`: `baton://project/prj_1/task/tsk_2` is
 * `/projects/prj_1/tasks/tsk_2`. A link comes from anywhere (a web site, a mail), so it can only show a place: it is read
 * letter by letter, and whatever is not exactly a known place is refused. The error is a text for the log.
 */
export function placeOfLink(link: string): Result<string, string> {
  if (link.length > MAX_LENGTH) return err('The link is longer than any place in Baton.')
  const path = /^baton:\/\/([a-z0-9_/]+?)\/?$/.exec(link)?.[1]
  if (path === undefined) return err('The link is not one of Baton.')
  const [kind = '', id, part, partId, ...rest] = path.split('/')
  if (rest.length > 0) return err('The link names no place in Baton.')
  if (id === undefined) return PAGES.has(kind) ? ok(`/${kind}`) : err('The link names no page of Baton.')
  if (kind !== 'project' || !projectId.safeParse(id).success) return err('The link names no project.')
  if (part === undefined) return ok(`/projects/${id}`)
  if (part === 'plan' && partId === undefined) return ok(`/projects/${id}/plan`)
  if (part === 'task' && taskId.safeParse(partId).success) return ok(`/projects/${id}/tasks/${partId}`)
  return err('The link names no place in that project.')
}

/** The link among the arguments of a start; null where there is none. The system hands a link over as an argument. */
export function linkAmong(args: readonly string[]): string | null {
  return args.find((argument) => argument.startsWith(`${LINK_SCHEME}:`)) ?? null
}
