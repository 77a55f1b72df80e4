import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Victim } from './victim.ts'

const withId = z.looseObject({ id: z.string() })
const items = z.object({ items: z.array(withId) })

interface Caller {
  ask(method: string, path: string, body?: object): Promise<unknown>
  listed(path: string): Promise<string[]>
  made(path: string, body: object): Promise<string>
}

function callerOf(victim: Victim): Caller {
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${victim.url}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${victim.token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text)
  }
  const listed = async (path: string): Promise<string[]> =>
    items.parse(await ask('GET', path)).items.map(({ id }) => id)
  const made = async (path: string, body: object): Promise<string> => withId.parse(await ask('POST', path, body)).id

  return { ask, listed, made }
}

/** Two projects that the demo model has planned, of which the first is at work, and one without a plan. */
export async function prepareProjects(
  victim: Victim,
): Promise<Record<'projects' | 'plans' | 'tasks' | 'runs', string[]>> {
  const { ask, listed, made } = callerOf(victim)
  const projects = [
    await made('/projects', { requirements: 'Write two notes about owls', profile: 'demo' }),
    await made('/projects', { requirements: 'One bird.', profile: 'demo' }),
    await made('/projects', { requirements: 'Nothing of this is planned.' }),
  ]
  for (const id of projects.slice(0, 2)) {
    await ask('POST', `/projects/${id}/plan`, {})
    while ((await listed(`/projects/${id}/plans`)).length === 0) await sleep(20)
  }
  const plans = (await Promise.all(projects.map((id) => listed(`/projects/${id}/plans`)))).flat()
  await ask('POST', `/plans/${plans[0]}/approve`, {})
  const tasks = await listed(`/projects/${projects[0]}/tasks`)
  const [first] = tasks
  const ofFirst = () => listed(`/tasks/${first}/runs`)
  while ((await ofFirst()).length === 0) await sleep(20)
  return { projects, plans, tasks, runs: await ofFirst() }
}

/** Makes real rows of most kinds, and tells their ids by the first part of the paths that name them. */
export async function prepareRows(victim: Victim): Promise<Record<string, string[]>> {
  const { made } = callerOf(victim)
  const register = { email: 'ada@example.org', password: 'correct horse battery', display_name: 'Ada' }
  return {
    ...(await prepareProjects(victim)),
    users: [await made('/auth/register', { ...register, invite: victim.token })],
    tokens: [await made('/tokens', { name: 'script', scopes: ['read'] })],
    locks: [await made('/locks', { resource: 'gpu:0', owner: 'test' })],
    backups: [await made('/backups', {})],
    services: ['ollama', 'comfyui'],
    models: ['demo'],
  }
}
