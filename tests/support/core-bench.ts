import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ModelProfile } from '../../src-contract/model.ts'
import type { PlanTask } from '../../src-contract/plan.ts'
import { type NewProject, newProject, type Project } from '../../src-contract/project.ts'
import type { Result } from '../../src-contract/result.ts'
import type { Task } from '../../src-contract/task.ts'
import type { Core, CoreOptions, NetworkDoor, ProviderEnvironment } from '../../src-main/core/core.ts'
import { createCore } from '../../src-main/core/create-core.ts'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import type { Double } from '../doubles/double-server.ts'
import { startGoogleDouble } from '../doubles/google-double.ts'
import { startOllamaDouble } from '../doubles/ollama-double.ts'
import { startOpenAiDouble } from '../doubles/openai-double.ts'
import { cleanup } from './cleanup.ts'
import { eventually } from './eventually.ts'

/** Nobody listens at port 1. */
const NOBODY = '127.0.0.1:1'

/** The value of a result that a test expects to be good. */
export function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`Refused: ${JSON.stringify(result.error)}`)
  return result.value
}

/** The double of Anthropic in this process, ended after the test. */
export async function anthropicDouble(...args: Parameters<typeof startAnthropicDouble>): Promise<Double> {
  const double = await startAnthropicDouble(...args)
  cleanup(() => double.close())
  return double
}

export async function ollamaDouble(...args: Parameters<typeof startOllamaDouble>): Promise<Double> {
  const double = await startOllamaDouble(...args)
  cleanup(() => double.close())
  return double
}

/** The double of Google in this process, ended after the test. */
export async function googleDouble(...args: Parameters<typeof startGoogleDouble>): Promise<Double> {
  const double = await startGoogleDouble(...args)
  cleanup(() => double.close())
  return double
}

/** The double of OpenAI, or of a server that speaks the same, in this process, ended after the test. */
export async function openAiDouble(...args: Parameters<typeof startOpenAiDouble>): Promise<Double> {
  const double = await startOpenAiDouble(...args)
  cleanup(() => double.close())
  return double
}

export interface CoreBench {
  /** The living core; another one after `reopen`. */
  readonly core: Core
  readonly data_dir: string
  /** Ends the core; says whether all steps had finished. */
  close(graceMs?: number): Promise<{ clean: boolean }>
  /** Opens the next core on the same folder, after ending the living one in order. */
  reopen(): Promise<void>
  /** Lets a person's plan run without a planner: a project of these tasks, approved. */
  start(tasks: readonly TaskSketch[], project?: Partial<NewProject>): Promise<Project>
  /** Has a requirement planned and waits for what comes of it. */
  plan(requirements: string, project?: Partial<NewProject>): Promise<Project>
  project(id: string): Project
  tasks(id: string): Task[]
  task(projectId: string, key: string): Task
  /** Waits until the project is in one of these states. */
  reaches(id: string, ...states: Project['state'][]): Promise<Project>
  taskReaches(projectId: string, key: string, ...states: Task['state'][]): Promise<Task>
}

export type TaskSketch = { readonly key: string } & Partial<PlanTask>

/** A core on a new folder, with fast retries. It takes up work at once. */
export async function coreBench(
  options: {
    anthropic?: { readonly url: string }
    google?: { readonly url: string }
    ollama?: string
    comfyui?: string
    demo?: boolean
    key?: string
    providers?: ProviderEnvironment
    /** Of servers that the core starts. */
    service_environment?: Readonly<Record<string, string>>
    /** Where programs are looked for. */
    path?: string
    /** Finds git, so that there are checkpoints. */
    git?: boolean
    /** How the internet is reached. */
    network?: NetworkDoor
    /** The environment, for MCP servers that are allowed some of it. */
    variable?: (name: string) => string | undefined
  } = {},
): Promise<CoreBench> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-core-'))
  const data_dir = join(folder, 'data')
  const coreOptions: CoreOptions = {
    data_dir,
    version: '0.0.0-test',
    ollama_host: options.ollama ?? NOBODY,
    ...(options.comfyui === undefined ? {} : { comfyui_url: options.comfyui }),
    demo: options.demo ?? false,
    providers: {
      ...(options.google === undefined ? {} : { google: { api_key: 'key', base_url: options.google.url } }),
      ...options.providers,
    },
    service_environment: options.service_environment,
    network: options.network,
    variable: options.variable,
    ...(options.path === undefined ? {} : { path: options.path }),
    ...(options.git === true ? { path: process.env['PATH'] } : {}),
    ...(options.anthropic === undefined
      ? {}
      : { anthropic_api_key: options.key ?? 'sk-test', anthropic_base_url: options.anthropic.url }),
  }
  const open = async (): Promise<Core> => {
    const core = must(await createCore(coreOptions))
    core.execute('all')
    return core
  }
  let core = await open()
  let isOpen = true
  const close: CoreBench['close'] = async (graceMs) => {
    isOpen = false
    return core.close(graceMs)
  }
  must(await core.settings.change({ retry_base_ms: 1, retry_cap_ms: 5 }))
  cleanup(async () => {
    if (isOpen) await close(0)
    rmSync(folder, { recursive: true, force: true })
  })

  const project = (id: string): Project => must(core.projects.get(id))
  const tasks = (id: string): Task[] => must(core.projects.tasks(id, { limit: 1_000 })).items
  const task = (id: string, key: string): Task => {
    const found = tasks(id).find((each) => each.key === key)
    if (found === undefined) throw new Error(`There is no task ${key}`)
    return found
  }
  const create = async (requirements: string, input: Partial<NewProject>): Promise<string> => {
    return must(await core.projects.create(newProject.parse({ requirements, ...input }))).id
  }
  const stateIn =
    <S>(look: () => { readonly state: S; readonly reason: string }, states: readonly S[], what: string) =>
    () => {
      const now = look()
      if (states.includes(now.state)) return true
      if (['succeeded', 'failed', 'cancelled'].includes(String(now.state))) {
        throw new Error(`${what} is ${String(now.state)} instead of ${states.join('/')}: ${now.reason}`)
      }
      return false
    }

  return {
    get core() {
      return core
    },
    data_dir,
    close,
    async reopen() {
      if (isOpen) await close()
      core = await open()
      isOpen = true
    },
    async start(sketches, input = {}) {
      const id = await create('Do what the plan says', input)
      const document = { title: 'A plan', tasks: sketches.map(toTask) }
      const plan = must(await core.projects.addPlan(id, document, 'file'))
      return must(await core.plans.approve(plan.id, input.budget_micros ?? 5_000_000))
    },
    async plan(requirements, input = {}) {
      const id = await create(requirements, input)
      must(await core.projects.plan(id))
      return eventually('the end of planning', () => {
        const now = project(id)
        return now.state !== 'planning' && now
      })
    },
    project,
    tasks,
    task,
    async reaches(id, ...states) {
      await eventually(
        `project ${states.join('/')}`,
        stateIn(() => project(id), states, 'The project'),
      )
      return project(id)
    },
    async taskReaches(id, key, ...states) {
      await eventually(
        `task ${key} ${states.join('/')}`,
        stateIn(() => task(id, key), states, `Task ${key}`),
      )
      return task(id, key)
    },
  }
}

/** One file per task, for the fast tier where nothing else is said. */
function toTask(sketch: TaskSketch): PlanTask {
  return {
    title: `Write ${sketch.key}`,
    description: '',
    type: 'writing',
    complexity: 'medium',
    tier: null,
    tools: [],
    depends_on: [],
    acceptance: [],
    verify_command: null,
    write_scope: [],
    hosts: [],
    artifacts: [`${sketch.key}.md`],
    ...sketch,
  }
}

/** A profile of the fast tier that several tasks may use at once. */
export function profile(change: Partial<ModelProfile> = {}): ModelProfile {
  return {
    name: 'claude-haiku',
    display_name: 'Claude Haiku 4.5',
    provider: 'anthropic',
    model: 'claude-haiku-4-5-20251001',
    tiers: ['fast'],
    enabled: true,
    rank: 100,
    max_concurrent: 8,
    max_output_tokens: 8_192,
    context_tokens: 200_000,
    price: null,
    ...change,
  }
}

const ASKING =
  /^\/(v1\/messages|api\/chat|v1\/chat\/completions|v1\/responses|v1beta\/models\/.*:streamGenerateContent)$/

/** The calls that asked a double for an answer. */
export function asked(double: Double): Double['record']['calls'] {
  return double.record.calls.filter((call) => ASKING.test(call.path))
}

/** What a double billed, each call rounded up to whole micro-dollars as Baton books it. */
export function billed(double: Double): number {
  return double.record.calls.reduce((sum, call) => sum + Math.ceil(call.billed_micros), 0)
}
