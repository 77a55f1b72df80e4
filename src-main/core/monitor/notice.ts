import type { StoredEvent } from '#contract/event.ts'
import type { Project } from '#contract/project.ts'
import { passes } from '#contract/waiting.ts'
import { noticeTexts as texts } from './notice-texts.ts'

export type NoticeKind = 'done' | 'needs_you' | 'budget' | 'failure'

/** What is told by one notification (U4). */
export interface Notice {
  /** One that comes later under the same key takes its place. */
  readonly key: string
  readonly kind: NoticeKind
  readonly title: string
  readonly body: string
  /** Where it leads, as the page's address has it after `#`. */
  readonly place: string
}

/** Something that may be worth telling. Occasions with one key are told together. */
export interface Occasion {
  readonly key: string
  readonly kind: NoticeKind
  readonly event: StoredEvent
}

/** What is so now: between an event and the telling of it a person may have dealt with it. */
export interface NoticeView {
  project(id: string): Project | null
  openApprovals(projectId: string): number
}

/** The occasion that an event is; null for the many that nobody has to be told of. */
export function occasionOf(event: StoredEvent): Occasion | null {
  const of = (kind: NoticeKind, subject: string | null): Occasion => ({ key: `${kind}:${subject}`, kind, event })
  switch (event.type) {
    case 'project.state':
      if (event.data.state === 'succeeded') return of('done', event.project_id)
      if (event.data.state === 'failed') return of('failure', event.project_id)
      if (event.data.state === 'awaiting_approval' || event.data.state === 'waiting')
        return of('needs_you', event.project_id)
      return null
    case 'task.state':
      return event.data.state === 'failed' ? of('failure', event.project_id) : null
    case 'approval.state':
      return event.data.state === 'open' ? of('needs_you', event.project_id) : null
    case 'budget.warning':
    case 'budget.stopped':
      return of('budget', event.data.scope)
    case 'backup.failed':
      return of('failure', 'backup')
    default:
      return null
  }
}

/** One notice of all `occasions` of a key; null where nothing of it is so any more. */
export function noticeOf(occasions: readonly Occasion[], view: NoticeView): Notice | null {
  const last = occasions.at(-1)
  if (last === undefined) return null
  const { key, kind, event } = last
  const project = event.project_id === null ? null : view.project(event.project_id)
  const told = tell(kind, occasions, project, view)
  return told === null ? null : { key, kind, ...told }
}

type Told = Pick<Notice, 'title' | 'body' | 'place'>

function tell(
  kind: NoticeKind,
  occasions: readonly Occasion[],
  project: Project | null,
  view: NoticeView,
): Told | null {
  switch (kind) {
    case 'done':
      return project?.state === 'succeeded' ? done(project) : null
    case 'needs_you':
      return project === null ? null : needsYou(project, view.openApprovals(project.id))
    case 'budget':
      return budget(occasions, project)
    case 'failure':
      return project === null ? backup(occasions) : failure(occasions, project)
  }
}

function placeOf(project: Project): string {
  return `/projects/${project.id}`
}

function done(project: Project): Told {
  const tasks = project.task_counts.succeeded
  return { title: texts.done(project.name), body: texts.doneBody(tasks, project.spent_micros), place: placeOf(project) }
}

function needsYou(project: Project, open: number): Told | null {
  const title = texts.needsYou(project.name)
  if (open > 0) return { title, body: texts.answers(open), place: '/inbox' }
  if (project.state === 'awaiting_approval') return { title, body: texts.planReady, place: `${placeOf(project)}/plan` }
  // What waits for money is told as a stop; what waits for anything else goes on by itself.
  const { state, waiting_on } = project
  const isStuck = state === 'waiting' && waiting_on !== 'budget' && waiting_on !== 'approval' && !passes(waiting_on)
  return isStuck ? { title, body: project.reason || texts.waits, place: placeOf(project) } : null
}

function budget(occasions: readonly Occasion[], project: Project | null): Told | null {
  const events = occasions.map(({ event }) => event)
  const stop = events.findLast((event) => event.type === 'budget.stopped')
  if (stop !== undefined) {
    const title = project === null ? texts.stoppedAll : texts.stopped(project.name)
    const body = texts.stoppedBody(stop.data.used_micros, stop.data.limit_micros)
    return { title, body, place: project === null ? '/inbox' : placeOf(project) }
  }
  const warning = events.findLast((event) => event.type === 'budget.warning')
  if (warning === undefined) return null
  const [period = ''] = warning.data.scope.split(':')
  const scope = Object.entries(texts.scopes).find(([name]) => name === period)?.[1] ?? period
  const body = texts.warningBody(warning.data.used_micros, warning.data.limit_micros)
  return { title: texts.warning(scope), body, place: '/usage' }
}

function failure(occasions: readonly Occasion[], project: Project): Told | null {
  if (project.state === 'failed')
    return { title: texts.projectFailed(project.name), body: project.reason, place: placeOf(project) }
  const failed = occasions.map(({ event }) => event).filter((event) => event.type === 'task.state')
  const tasks = new Set(failed.map(({ task_id }) => task_id))
  const last = failed.at(-1)
  if (last === undefined) return null
  const place =
    tasks.size === 1 && last.task_id !== null ? `${placeOf(project)}/tasks/${last.task_id}` : placeOf(project)
  return { title: texts.tasksFailed(tasks.size, project.name), body: last.data.reason, place }
}

function backup(occasions: readonly Occasion[]): Told | null {
  const failed = occasions.map(({ event }) => event).findLast((event) => event.type === 'backup.failed')
  return failed === undefined
    ? null
    : { title: texts.backupFailed, body: failed.data.reason, place: '/settings/backups' }
}
