import { type QueryClient, queryOptions, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Job } from '#contract/job.ts'
import type { KnowledgeSource } from '#contract/knowledge.ts'
import type { Project } from '#contract/project.ts'
import type { Run, RunDetail } from '#contract/run.ts'
import type { RunMoment } from '#contract/run-timeline.ts'
import type { Task } from '#contract/task.ts'
import type { UsageGroup } from '#contract/usage.ts'
import type { Route } from '../route.ts'
import { withLocalTimes } from '../texts/figures.ts'
import type { Client } from './client.ts'
import { useClient } from './connection.tsx'
import { keys } from './keys.ts'
import type { ReadingProgress } from './live-knowledge.ts'
import { readTasks } from './read-tasks.ts'
import { shareTasks } from './share-tasks.ts'

/** What was made readable, so that of a long list only what is new is looked at. */
const readables = new WeakMap<object, object>()

/** The same with the moments in its reason as this place writes them; the same object where there are none. */
function readable<Item extends { reason: string }>(item: Item): Item {
  const known = readables.get(item)
  if (known !== undefined) return known as Item
  const reason = withLocalTimes(item.reason)
  const made = reason === item.reason ? item : { ...item, reason }
  readables.set(item, made)
  return made
}
const readableAll = <Item extends { reason: string }>(items: readonly Item[]): Item[] => items.map(readable)

/** Answers stay fresh until an event says otherwise (client/event-effects.ts). */

/** The status, which also says where the stream of events begins. */
export function statusQuery(client: Client) {
  return queryOptions({ queryKey: keys.status, queryFn: () => client.system.status() })
}

export function useStatus() {
  // Also asked now and then: what other programs spend or stop has no event.
  return useQuery({ ...statusQuery(useClient()), refetchInterval: 30_000 })
}

export function useProjects() {
  const client = useClient()
  return useQuery({
    queryKey: keys.projects,
    queryFn: (): Promise<Project[]> => allPages((cursor) => client.projects.list({ limit: 500, ...cursor })),
    select: readableAll<Project>,
  })
}

/** Tool calls that wait for an answer, the oldest first: it has waited longest. */
export function useApprovals() {
  const client = useClient()
  return useQuery({
    queryKey: keys.approvals,
    queryFn: async () => (await client.approvals.list({ state: 'open' })).items.toReversed(),
  })
}

function projectQuery(client: Client, id: string) {
  return queryOptions({ queryKey: keys.project(id), queryFn: () => client.projects.get({ id }) })
}

function tasksQuery(client: Client, queries: QueryClient, projectId: string) {
  return queryOptions<readonly Task[]>({
    queryKey: keys.tasks(projectId),
    queryFn: () => readTasks(client, queries, projectId),
    // Here and not by `select`, which would go through all of them once more with each change.
    structuralSharing: (before, after) =>
      shareTasks(before as readonly Task[] | undefined, after as readonly Task[], readable),
  })
}

/** Asks for what the page at this address shows, while the code of the page is still on its way. */
export function readAhead(route: Route, client: Client, queries: QueryClient): void {
  if (route.page !== 'project') return
  // What fails is asked for again, and told, by the page.
  void queries.prefetchQuery(projectQuery(client, route.projectId))
  void queries.prefetchQuery(tasksQuery(client, queries, route.projectId))
}

export function useProject(id: string) {
  return useQuery({ ...projectQuery(useClient(), id), select: readable<Project> })
}

/** All tasks of a project, by position; of a large one, those that have been read so far. */
export function useTasks(projectId: string) {
  return useQuery(tasksQuery(useClient(), useQueryClient(), projectId))
}

/** How many tasks of a project have been read so far, while they are read for the first time. */
export function useTasksRead(projectId: string): number {
  return useQuery({ queryKey: keys.tasksRead(projectId), queryFn: () => 0, enabled: false }).data ?? 0
}

/** All runs of a project's tasks on its time axis; nothing is asked for where `projectId` is null. */
export function useAttempts(projectId: string | null) {
  const client = useClient()
  return useQuery({
    queryKey: keys.attempts(projectId ?? ''),
    queryFn: () => allPages((cursor) => client.projects.attempts({ id: projectId ?? '', limit: 500, ...cursor })),
    enabled: projectId !== null,
  })
}

/** All versions of a project's plan. */
export function usePlans(projectId: string) {
  const client = useClient()
  return useQuery({
    queryKey: keys.plans(projectId),
    queryFn: async () => (await client.projects.plans({ id: projectId })).items,
  })
}

/** The approved plan as its tasks are now. */
export function useCurrentPlan(projectId: string, isApproved: boolean) {
  const client = useClient()
  return useQuery({
    queryKey: keys.currentPlan(projectId),
    queryFn: () => client.projects.currentPlan({ id: projectId }),
    enabled: isApproved,
  })
}

export function usePlan(id: string | null) {
  const client = useClient()
  return useQuery({
    queryKey: keys.plan(id ?? ''),
    queryFn: () => client.plans.get({ id: id ?? '' }),
    enabled: id !== null,
  })
}

/** Attempts at a task. */
export function useTaskRuns(taskId: string | null) {
  const client = useClient()
  return useQuery({
    queryKey: keys.taskRuns(taskId ?? ''),
    queryFn: async () => (await client.tasks.runs({ id: taskId ?? '' })).items,
    select: readableAll<Run>,
    enabled: taskId !== null,
  })
}

/** What a task did to the files of the workspace. */
export function useTaskDiff(taskId: string) {
  const client = useClient()
  return useQuery({ queryKey: keys.taskDiff(taskId), queryFn: () => client.tasks.diff({ id: taskId }), staleTime: 0 })
}

export function useRunSteps(runId: string | null) {
  const client = useClient()
  return useQuery({
    queryKey: keys.runSteps(runId ?? ''),
    queryFn: () => client.runs.steps({ id: runId ?? '' }),
    enabled: runId !== null,
  })
}

/** All that happened in a run, with when, why and what it took. */
export function useRunTimeline(runId: string) {
  const client = useClient()
  return useQuery({
    queryKey: keys.runTimeline(runId),
    queryFn: () => client.runs.timeline({ id: runId }),
    select: readableAll<RunMoment>,
  })
}

/** Free prompts, newest first, each with its last attempt. */
export function useFreeRuns() {
  const client = useClient()
  return useInfiniteQuery({
    queryKey: keys.freeRuns,
    queryFn: ({ pageParam }) => client.runs.list({ limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    select: (data) => ({
      ...data,
      pages: data.pages.map((page) => ({ ...page, items: readableAll<RunDetail>(page.items) })),
    }),
  })
}

/** Jobs that were dispatched from outside, newest first, as many pages as were asked for. */
export function useJobs() {
  const client = useClient()
  return useInfiniteQuery({
    queryKey: keys.jobs,
    queryFn: ({ pageParam }) => client.jobs.list({ limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    select: (data) => ({
      ...data,
      pages: data.pages.map((page) => ({ ...page, items: readableAll<Job>(page.items) })),
    }),
  })
}

/** One job, with all of its prompt and its result. */
export function useJob(id: string) {
  const client = useClient()
  return useQuery({ queryKey: keys.job(id), queryFn: () => client.jobs.get({ id }), select: readable<Job> })
}

/** The context that was sent to the model (E7). */
export function useRunContext(runId: string | null) {
  const client = useClient()
  return useQuery({
    queryKey: keys.runContext(runId ?? ''),
    queryFn: () => client.runs.context({ id: runId ?? '' }),
    enabled: runId !== null,
  })
}

export function useArtifacts(projectId: string) {
  const client = useClient()
  return useQuery({
    queryKey: keys.artifacts(projectId),
    queryFn: async () => (await client.projects.artifacts({ id: projectId })).items,
  })
}

/** Why this machine keeps no checkpoints of what tasks do; null where it does. */
export function useCheckpointFault(projectId: string) {
  const client = useClient()
  return useQuery({
    queryKey: keys.checkpointFault(projectId),
    queryFn: async () => (await client.projects.checkpoints({ id: projectId, limit: 1 })).unavailable,
  })
}

/** One file of the workspace as text. */
export function useArtifact(projectId: string, path: string | null) {
  const client = useClient()
  return useQuery({
    queryKey: keys.artifact(projectId, path ?? ''),
    queryFn: () => client.projects.artifact({ id: projectId, path: path ?? '' }),
    enabled: path !== null,
    staleTime: 0,
  })
}

/** One image of the workspace. */
export function useImage(projectId: string, path: string) {
  const client = useClient()
  return useQuery({
    queryKey: keys.image(projectId, path),
    queryFn: () => client.projects.image({ id: projectId, path }),
    staleTime: 0,
    gcTime: 60_000,
  })
}

export function useBudget() {
  const client = useClient()
  return useQuery({ queryKey: keys.budget, queryFn: () => client.budgets.get() })
}

export function useUsageSummary(by: UsageGroup, projectId: string | null = null) {
  const client = useClient()
  return useQuery({
    queryKey: keys.usageSummary(by, projectId),
    queryFn: () => client.usage.summary({ by, ...(projectId === null ? {} : { project_id: projectId }) }),
  })
}

/** Calls of models, newest first, read page by page; `only`: those whose reply was lost. */
export function useUsageCalls(only: 'unconfirmed' | null = null) {
  const client = useClient()
  return useInfiniteQuery({
    queryKey: keys.usageCalls(only),
    queryFn: ({ pageParam }) =>
      client.usage.list({
        limit: 200,
        ...(pageParam === null ? {} : { cursor: pageParam }),
        ...(only === null ? {} : { only }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })
}

export function useServices() {
  const client = useClient()
  return useQuery({ queryKey: keys.services, queryFn: () => client.services.list() })
}

/** What this machine offers. Looked for anew each time it is asked for, so it is asked for by hand. `isAllowed`: by an admin. */
export function useSetup(isAllowed: boolean) {
  const client = useClient()
  return useQuery({
    queryKey: keys.setup,
    queryFn: () => client.services.setup(),
    enabled: isAllowed,
    refetchOnMount: 'always',
  })
}

/** The project that a first run can be tried with. */
export function useSampleProject() {
  const client = useClient()
  return useQuery({ queryKey: keys.sampleProject, queryFn: () => client.projects.sample() })
}

/** Who has the card. Asked now and then, because memory is taken and given back without an event. */
export function useGpu() {
  const client = useClient()
  return useQuery({ queryKey: keys.gpu, queryFn: () => client.services.gpu(), refetchInterval: 10_000 })
}

/** Workflows for images; a person may have dropped one since. */
export function useImageTemplates() {
  const client = useClient()
  return useQuery({ queryKey: keys.imageTemplates, queryFn: () => client.services.imageTemplates(), staleTime: 0 })
}

export function useModels() {
  const client = useClient()
  return useQuery({ queryKey: keys.models, queryFn: () => client.models.list() })
}

/** What became of checked runs, by class, tier and model. */
export function useRouteOutcomes() {
  const client = useClient()
  return useQuery({ queryKey: keys.routeOutcomes, queryFn: () => client.models.outcomes() })
}

export function useModelKeys() {
  const client = useClient()
  return useQuery({ queryKey: keys.modelKeys, queryFn: () => client.models.keys() })
}

/** Whether there is a vault for keys, and whether it is open. */
export function useVault() {
  const client = useClient()
  return useQuery({ queryKey: keys.vault, queryFn: () => client.models.vault() })
}

/** Models that are being pulled; the stream keeps it current. */
export function useModelPulls() {
  const client = useClient()
  return useQuery({ queryKey: keys.modelPulls, queryFn: () => client.models.pulls() })
}

/**
 * What Ollama has in memory, where it is there to be asked. Nobody tells when that changes, so it is asked again while it is
 * looked at.
 */
export function useLoadedModels(isThere: boolean) {
  const client = useClient()
  return useQuery({
    queryKey: keys.loadedModels,
    queryFn: () => client.models.loaded(),
    refetchInterval: 10_000,
    enabled: isThere,
  })
}

export function useSettings() {
  const client = useClient()
  return useQuery({ queryKey: keys.settings, queryFn: () => client.settings.get() })
}

/** What the configuration file sets. It is read at the start of Baton only. */
export function useFixedSettings() {
  const client = useClient()
  return useQuery({
    queryKey: keys.fixedSettings,
    queryFn: () => client.settings.fixed(),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** Copies of Baton's data, newest first. */
export function useBackups() {
  const client = useClient()
  return useQuery({ queryKey: keys.backups, queryFn: async () => (await client.backups.list()).items })
}

/** Reads page after page. Ends at 20 pages: a list that long needs a search, not more rows. */
async function allPages<Item>(
  read: (cursor: { cursor?: string }) => Promise<{ items: Item[]; next_cursor: string | null }>,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: { cursor?: string } = {}
  for (let page = 0; page < 20; page += 1) {
    const answer = await read(cursor)
    items.push(...answer.items)
    if (answer.next_cursor === null) break
    cursor = { cursor: answer.next_cursor }
  }
  return items
}

/** Who the user of this page is to Baton. */
export function useMe() {
  const client = useClient()
  return useQuery({ queryKey: keys.me, queryFn: () => client.auth.me() })
}

export function useUsers() {
  const client = useClient()
  return useQuery({ queryKey: keys.users, queryFn: async () => (await client.users.list()).items })
}

/** Invitations that nobody has used yet. */
export function useInvites() {
  const client = useClient()
  return useQuery({
    queryKey: keys.invites,
    queryFn: async () => (await client.users.invites()).items.filter(({ used_by }) => used_by === null),
  })
}

export function useApiTokens() {
  const client = useClient()
  return useQuery({ queryKey: keys.apiTokens, queryFn: async () => (await client.users.tokens()).items })
}

/** The newest lines of the audit trail. */
export function useAudit() {
  const client = useClient()
  return useQuery({
    queryKey: keys.audit,
    queryFn: async () => (await client.users.audit({ limit: 100 })).items,
    refetchInterval: 30_000,
  })
}

/** Whom Baton tells what happens. What waits for them has no event, so they are asked for now and then. */
export function useWebhooks() {
  const client = useClient()
  return useQuery({
    queryKey: keys.webhooks,
    queryFn: async () => (await client.webhooks.list()).items,
    refetchInterval: 10_000,
  })
}

/** What was sent to a webhook, newest first, as many pages as were asked for. Tries have no event. */
export function useWebhookDeliveries(id: string) {
  const client = useClient()
  return useInfiniteQuery({
    queryKey: keys.webhookDeliveries(id),
    queryFn: ({ pageParam }) =>
      client.webhooks.deliveries({ id, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 0,
    refetchInterval: 3_000,
  })
}

/** By what incoming webhooks are known. */
export function useWebhookSecrets() {
  const client = useClient()
  return useQuery({ queryKey: keys.webhookSecrets, queryFn: () => client.webhooks.secrets() })
}

/** What is searched in, newest first. */
export function useKnowledgeSources() {
  const client = useClient()
  return useQuery({
    queryKey: keys.knowledgeSources,
    queryFn: (): Promise<KnowledgeSource[]> => allPages((cursor) => client.knowledge.list({ limit: 500, ...cursor })),
  })
}

export function useKnowledgeStatus() {
  const client = useClient()
  // What a service's coming back changes has no event of its own.
  return useQuery({
    queryKey: keys.knowledgeStatus,
    queryFn: () => client.knowledge.status(),
    refetchInterval: 5_000,
  })
}

/** How far the reading is; nothing while nothing is read. */
export function useReadingProgress(): ReadingProgress {
  return useQuery<ReadingProgress>({ queryKey: keys.knowledgeProgress, queryFn: () => ({}), enabled: false }).data ?? {}
}

/** The files of a source, or the first of them where it has very many. */
export function useKnowledgeFiles(sourceId: string) {
  const client = useClient()
  return useQuery({
    queryKey: keys.knowledgeFiles(sourceId),
    queryFn: () => client.knowledge.files({ id: sourceId, limit: 500 }),
  })
}

export function useKnowledgeSearch(query: string, projectId: string | null) {
  const client = useClient()
  return useQuery({
    queryKey: keys.knowledgeSearch(query, projectId),
    queryFn: () =>
      client.knowledge.search({ query, limit: 20, ...(projectId === null ? {} : { project_id: projectId }) }),
    enabled: query !== '',
    // What is found changes with what is read.
    staleTime: 0,
  })
}

export function useDocumentText(documentId: string, around: number) {
  const client = useClient()
  return useQuery({
    queryKey: keys.knowledgeText(documentId, around),
    queryFn: () => client.knowledge.text({ id: documentId, around }),
  })
}
