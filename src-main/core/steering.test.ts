import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type NewProject, newProject, type Project } from '#contract/project.ts'
import { MAX_REQUIREMENTS } from '#contract/requirements.ts'
import type { Result } from '#contract/result.ts'
import type { Core } from './core.ts'
import { coreBench } from './core-bench.ts'
import type { Refusal } from './refusal.ts'
import { temporaryFolder } from './store/store-bench.ts'

function value<T>(result: Result<T, Refusal>): T {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

function refusal(result: Result<unknown, Refusal>): string {
  if (result.ok) throw new Error('It was not refused.')
  return `${result.error.code}: ${result.error.message}`
}

const create = (core: Core, input: Partial<NewProject> = {}): Promise<Result<Project, Refusal>> =>
  core.projects.create(newProject.parse({ requirements: 'Write about owls.', profile: 'demo', ...input }))

const PLAN = {
  title: 'Owls',
  tasks: [
    { key: 'a', title: 'Look', type: 'research', complexity: 'simple' },
    { key: 'b', title: 'Write', type: 'writing', complexity: 'simple', depends_on: ['a'] },
  ],
}

async function planned(core: Core): Promise<{ project: Project; planId: string }> {
  const project = value(await create(core))
  return { project, planId: value(await core.projects.addPlan(project.id, PLAN, 'user')).id }
}

const planStates = (core: Core, id: string): string[] =>
  value(core.projects.plans(id)).items.map((plan) => `${plan.version} ${plan.state}`)

test('P1 takes requirements of 1 to 200,000 characters and no others', async () => {
  const { core } = await coreBench()
  for (const requirements of ['x', 'x'.repeat(MAX_REQUIREMENTS)]) {
    expect(value(await create(core, { requirements }))).toMatchObject({ state: 'draft', requirements })
  }
  for (const requirements of ['', ' \n', 'x'.repeat(MAX_REQUIREMENTS + 1)]) {
    expect(newProject.safeParse({ requirements }).success).toBe(false)
  }
})

test('P1 keeps attached files in the workspace', async () => {
  const { core } = await coreBench()
  const project = value(await create(core, { attachments: [{ name: 'notes.md', text: 'Ä 🦉' }] }))
  expect(project.attachments).toMatchObject([{ name: 'notes.md', bytes: 7 }])
  expect(readdirSync(join(project.workspace, 'inputs'))).toEqual(['notes.md'])
})

test.each([[['.env']], [['ok.md', 'id_rsa']], [['../out.md']], [['Same.md', 'same.md']]])(
  'P1 T3 refuses attachments %j and leaves nothing behind',
  async (names) => {
    const { core, dataDir } = await coreBench()
    const attachments = names.map((name) => ({ name, text: 'x' }))
    expect(refusal(await create(core, { attachments }))).toMatch(/^bad_request: /)
    expect(core.projects.list({ limit: 9 }).items).toEqual([])
    const folder = join(dataDir, 'workspaces')
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([])

    const own = temporaryFolder()
    expect(refusal(await create(core, { attachments, workspace: own }))).toMatch(/^bad_request: /)
    expect(existsSync(join(own, 'inputs', names[0] ?? ''))).toBe(false)
  },
)

test('P1 does not write over another file of the same name in the user’s folder', async () => {
  const { core } = await coreBench()
  const workspace = temporaryFolder()
  mkdirSync(join(workspace, 'inputs'))
  writeFileSync(join(workspace, 'inputs', 'a.md'), 'mine')
  const attachments = [{ name: 'a.md', text: 'other' }]
  expect(refusal(await create(core, { workspace, attachments }))).toMatch(/^conflict: .*Rename/)
  expect(value(await create(core, { workspace, attachments: [{ name: 'a.md', text: 'mine' }] })).workspace).toBe(
    workspace,
  )
})

test('E10 refuses workspaces that are not a folder of the project’s own', async () => {
  const { core, dataDir } = await coreBench()
  mkdirSync(join(dataDir, 'workspaces'), { recursive: true })
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const bad = [
    'relative',
    join(dataDir, 'gone'),
    file,
    dataDir,
    join(dataDir, '..'),
    join(dataDir, 'workspaces'),
    '/',
    homedir(),
  ]
  for (const workspace of bad) expect(refusal(await create(core, { workspace }))).toMatch(/^bad_request: /)
})

test('E10 deletes a project through the trash, and never a folder of the user’s', async () => {
  const { core } = await coreBench()
  const own = value(await create(core, { attachments: [{ name: 'a.md', text: 'x' }] }))
  const workspace = temporaryFolder()
  const theirs = value(await create(core, { workspace }))
  const { project, planId } = await planned(core)
  value(await core.plans.approve(planId))
  expect(refusal(await core.projects.remove(project.id))).toMatch(/Cancel it before/)
  value(await core.projects.cancel(project.id))
  for (const { id } of [own, theirs, project]) value(await core.projects.remove(id))
  expect(core.projects.list({ limit: 9 }).items).toEqual([])
  expect([existsSync(own.workspace), existsSync(workspace)]).toEqual([false, true])
  if (process.platform !== 'linux') return
  const info = join(process.env['XDG_DATA_HOME'] ?? '', 'Trash', 'info')
  const kept = readdirSync(info).map((name) => readFileSync(join(info, name), 'utf8'))
  const isKept = (path: string): boolean => kept.some((text) => text.includes(`Path=${path}\n`))
  expect([own.workspace, project.workspace, workspace].map(isKept)).toEqual([true, true, false])
})

test('P5 each edit is a new version that supersedes the last, and only the newest can be approved', async () => {
  const { core } = await coreBench()
  const { project, planId } = await planned(core)
  const edited = value(await core.plans.edit(planId, { ...PLAN, title: 'More owls' }, 'more'))
  expect(edited).toMatchObject({ version: 2, state: 'proposed', note: 'more' })
  expect(planStates(core, project.id)).toEqual(['2 proposed', '1 superseded'])
  expect(refusal(await core.plans.approve(planId))).toMatch(/^conflict: .*superseded/)
  expect(refusal(await core.plans.edit(planId, { ...PLAN, tasks: [] }, ''))).toMatch(/^bad_request: /)
  expect(value(await core.plans.approve(edited.id)).state).toBe('executing')
  // What is edited from then on is a change, which has to be approved again (P7).
  expect(value(await core.plans.edit(edited.id, PLAN, ''))).toMatchObject({ version: 3, state: 'proposed' })
  expect(planStates(core, project.id)).toEqual(['3 proposed', '2 approved', '1 superseded'])
})

test('P5 a rejected plan leaves the project a draft, and another can be proposed', async () => {
  const { core } = await coreBench()
  const { project, planId } = await planned(core)
  expect(value(await core.plans.reject(planId, 'too short'))).toMatchObject({ state: 'draft', reason: 'too short' })
  expect(refusal(await core.plans.approve(planId))).toMatch(/rejected/)
  value(await core.projects.addPlan(project.id, PLAN, 'file'))
  expect(planStates(core, project.id)).toEqual(['2 proposed', '1 rejected'])
})

test('P6 of two approvals at once one counts, and the tasks are there once', async () => {
  const { core } = await coreBench()
  const { project, planId } = await planned(core)
  const both = await Promise.all([core.plans.approve(planId), core.plans.approve(planId)])
  expect(both.filter((each) => each.ok)).toHaveLength(1)
  const tasks = value(core.projects.tasks(project.id, { limit: 9 })).items
  expect(tasks.map((task) => `${task.key} ${task.state}`)).toEqual(['a ready', 'b pending'])
  expect(refusal(await core.plans.approve(planId))).toMatch(/^conflict: .*approved/)
})

// An edit and a new planning that come after the approval are changes of a plan that goes on (P7).
test.each([
  ['reject', false, ['1 approved']],
  ['edit', true, ['2 proposed', '1 approved']],
  ['plan', true, ['1 approved']],
] as const)('P6 an approval and a %s at once do not undo each other', async (other, isLetIn, states) => {
  const { core } = await coreBench()
  const { project, planId } = await planned(core)
  const rival = {
    reject: () => core.plans.reject(planId, ''),
    edit: () => core.plans.edit(planId, PLAN, ''),
    plan: () => core.projects.plan(project.id),
  }[other]
  const [approved, second] = await Promise.all([core.plans.approve(planId), rival()])
  expect([approved.ok, second.ok]).toEqual([true, isLetIn])
  expect(value(core.projects.get(project.id))).toMatchObject({ state: 'executing', plan_id: planId })
  expect(planStates(core, project.id)).toEqual(states)
})

test('E4 a skipped task serves its dependants, and a cancelled project ends all', async () => {
  const { core } = await coreBench()
  const { project, planId } = await planned(core)
  value(await core.plans.approve(planId))
  const [a, b] = value(core.projects.tasks(project.id, { limit: 9 })).items
  expect(value(await core.tasks.skip(a?.id ?? '')).state).toBe('skipped')
  expect(value(core.tasks.get(b?.id ?? '')).state).toBe('ready')
  expect(refusal(await core.tasks.retry(a?.id ?? '', 'step'))).toMatch(/^conflict: .*skipped cannot be retried/)
  value(await core.projects.cancel(project.id))
  expect(value(core.tasks.get(b?.id ?? '')).state).toBe('cancelled')
  expect(refusal(await core.tasks.retry(b?.id ?? '', 'step'))).toMatch(/project was cancelled/)
  expect(refusal(await core.projects.resume(project.id))).toMatch(/^conflict: /)
})

test('R7 a project with a paid model cannot become local-only', async () => {
  const { core } = await coreBench()
  const { id } = value(await create(core, { profile: 'claude-haiku' }))
  expect(refusal(await core.projects.change(id, { local_only: true }))).toMatch(/is paid/)
  expect(value(await core.projects.change(id, { local_only: true, profile: null }))).toMatchObject({ local_only: true })
})
