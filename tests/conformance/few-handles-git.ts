/** Looks for git and for a graphics card while no file can be opened, and needs them when that is over. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newProject } from '../../src-contract/project.ts'
import { createCore } from '../../src-main/core/create-core.ts'
import { nvidiaCards } from '../../src-main/core/gpu/nvidia-smi.ts'
import { closeAll, openAll } from '../support/all-handles.ts'

const [data_dir = ''] = process.argv.slice(2)
const programs = join(data_dir, 'programs')
mkdirSync(programs)
writeFileSync(join(programs, 'nvidia-smi'), '#!/bin/sh\necho "0, A card, 24576, 24000"\n', { mode: 0o755 })
const readCards = nvidiaCards(programs)
const opened = await createCore({
  ...{ data_dir, version: '0.0.0-test', ollama_host: '127.0.0.1:2', demo: true },
  path: process.env['PATH'] ?? '',
  look_around_later: true,
})
if (!opened.ok) throw new Error(opened.error.message)
const core = opened.value
const handles = openAll()
await core.lookAround()
const cards = [(await readCards())?.length ?? 0]
closeAll(handles)
cards.push((await readCards())?.length ?? 0)

core.execute('all')
const project = await core.projects.create(newProject.parse({ requirements: 'One page about owls', profile: 'demo' }))
if (!project.ok) throw new Error(project.error.message)
const { id } = project.value
const planning = await core.projects.plan(id)
if (!planning.ok) throw new Error(planning.error.message)
await core.idle(id)
const planned = core.projects.get(id)
if (!planned.ok || planned.value.plan_id === null) throw new Error('There is no plan')
await core.plans.approve(planned.value.plan_id)
await core.idle(id)
const kept = await core.projects.checkpoints(id, { limit: 50 })
if (!kept.ok) throw new Error(kept.error.message)
const { unavailable, items } = kept.value
process.stdout.write(JSON.stringify({ cards, unavailable, kept: items.length > 0 }))
await core.close(0)
