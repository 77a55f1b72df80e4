import { join } from 'node:path'
import { expect } from '@playwright/test'
import { z } from 'zod'
import type { Host } from './host.ts'
import { ownerCalls } from './owner-calls.ts'

const withState = z.object({ state: z.string(), workspace: z.string() })
const withTasks = z.object({ items: z.array(z.object({ id: z.string(), title: z.string(), state: z.string() })) })

/** A Baton in which something of everything has happened: what each screen shows is there to be looked at. */
export interface Furnished {
  readonly origin: string
  /** Finished by the demo model. */
  readonly done: string
  readonly doneTask: string
  /** Its plan waits for approval. */
  readonly proposed: string
  /** Approved while everything is paused. */
  readonly held: string
  readonly heldTask: string
  /** No model can do it. */
  readonly stuck: string
}

const BIRDS = ['Robin', 'Blackbird', 'Kingfisher', 'Great tit', 'Nuthatch']

function birdTasks() {
  const shared = { type: 'writing', complexity: 'simple', tier: 'local', tools: ['write_file'] }
  const birds = BIRDS.map((name) => {
    const key = name.toLowerCase().replace(' ', '-')
    const description = `One page on the ${name}: look, voice, food, where to see it.`
    const artifacts = [`birds/${key}.md`]
    return { ...shared, key, title: `Write the page on the ${name}`, description, artifacts, depends_on: ['outline'] }
  })
  return [
    {
      ...shared,
      key: 'outline',
      title: 'Outline the guide',
      description: 'Decide on the parts.',
      artifacts: ['outline.md'],
    },
    ...birds,
    {
      ...shared,
      key: 'index',
      title: 'Write the index with links',
      description: 'Link every page.',
      artifacts: ['index.md'],
      depends_on: birds.map(({ key }) => key),
      acceptance: ['Every page is linked once.'],
    },
  ]
}

/** Fills the Baton of a browser test over its own routes. All is paused at the end, so that nothing changes by itself. */
export async function furnish(host: Host): Promise<Furnished> {
  const { origin, ask, make } = ownerCalls(host)
  const makeProject = async (name: string, profile: string | null): Promise<{ id: string; plan_id: string }> => {
    const requirements = 'A field guide to garden birds: one page per bird, an index with links, and a glossary.'
    const project = await make('/projects', { requirements, name, ...(profile === null ? {} : { profile }) })
    const document = { title: name, summary: 'One page per bird, then an index.', tasks: birdTasks() }
    return { id: project.id, plan_id: (await make(`/projects/${project.id}/plans`, { document })).id }
  }
  const approve = (planId: string) => ask('POST', `/plans/${planId}/approve`, { authorise_micros: 0 })
  const taskOf = async (projectId: string, title: string) => {
    const { items } = withTasks.parse(await ask('GET', `/projects/${projectId}/tasks`))
    return items.find((task) => task.title === title)?.id ?? ''
  }
  const isIn = (projectId: string, state: string) =>
    expect
      .poll(async () => withState.parse(await ask('GET', `/projects/${projectId}`)).state, { timeout: 120_000 })
      .toBe(state)

  const done = await makeProject('Field guide to garden birds', 'demo')
  await approve(done.plan_id)
  await ask('POST', '/runs', { prompt: 'Plan a day of birdwatching at the lake', profile: 'demo' })
  await ask('POST', '/dispatch', { coreId: 'baton', prompt: 'Name three owls', metadata: { profile: 'demo' } })
  await ask('POST', '/dispatch', { coreId: 'builder', prompt: 'Cut the boards of the owl house', priority: 5 })
  await ask('POST', '/webhooks', { url: 'https://hooks.example.org/baton', events: ['task.failed'] })
  await ask('POST', '/invites', { role: 'operator' })
  const stuck = await makeProject('Bird calls, transcribed', null)
  await approve(stuck.plan_id)
  await ask('POST', '/knowledge/sources', { path: join(import.meta.dirname, '..', '..', 'docs', 'decisions') })
  await isIn(done.id, 'succeeded')
  await ask('POST', '/pause')
  const held = await makeProject('Nest boxes for the school yard', 'demo')
  await approve(held.plan_id)
  const proposed = await makeProject('Winter feeding, month by month', 'demo')
  await ask('POST', `/plans/${proposed.plan_id}/comments`, { task: 'robin', text: 'With its song, please.' })
  const [outline, ...others] = birdTasks()
  const tasks = [outline, ...others.map((task) => (task.key === 'nuthatch' ? { ...task, tier: 'strong' } : task))]
  const document = { title: 'Winter feeding, month by month', summary: 'One page per bird, then an index.', tasks }
  await ask('PUT', `/plans/${proposed.plan_id}`, { document })
  return {
    origin,
    done: done.id,
    doneTask: await taskOf(done.id, 'Write the index with links'),
    proposed: proposed.id,
    held: held.id,
    heldTask: await taskOf(held.id, 'Outline the guide'),
    stuck: stuck.id,
  }
}
