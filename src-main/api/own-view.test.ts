import { expect, test } from 'vitest'
import { type GpuStatus, gpuStatus } from '#contract/gpu.ts'
import { type Lock, lock } from '#contract/lock.ts'
import { type Caller, LOCAL_CALLER, SCOPES_OF } from '#core/identity/caller.ts'
import { gpuFor, locksFor } from './own-view.ts'

const at = '2026-11-21T09:00:00.000Z'
const operator: Caller = {
  ...{ id: 'usr_1', name: 'Op', role: 'operator', scopes: new Set(SCOPES_OF.operator) },
  ...{ session: 1, token: null, per_minute: null },
}
/** Of prj_1 and tsk_1 alone. */
const core = { ownership: { ownerOf: (id: string) => (id.endsWith('_1') ? 'usr_1' : 'local') } }

test('S6 locks of tasks of somebody else are not listed', () => {
  const of = (project_id: string | null): Lock =>
    lock.parse({
      ...{ id: 'lck_1', resource: 'write:a', capacity: 1, owner: 'run_1', purpose: 'Secret task', project_id },
      ...{ run_id: null, priority: 1, state: 'held', token: 1, requested_at: at, granted_at: at, expires_at: null },
    })
  const all = [of('prj_1'), of('prj_2'), of(null)]
  expect(locksFor(core, operator, all).map(({ project_id }) => project_id)).toEqual(['prj_1', null])
  expect(locksFor(core, LOCAL_CALLER, all)).toEqual(all)
})

test('S6 H3 the card tells nobody what others have it for', () => {
  const status: GpuStatus = gpuStatus.parse({
    ...{ resource: 'gpu:0', why_apart: null, turning: null, trouble: null, swaps: 0, last_swap_ms: null, cards: [] },
    holder: {
      owner: 'baton:ollama',
      side: 'ollama',
      since: at,
      purpose: 'works for 1 task',
      works_on: ['Secret task'],
    },
    waiting: ['tsk_1', 'tsk_2', null].map((task_id) => ({
      side: 'comfyui',
      task_id,
      title: `Of ${task_id}`,
      since: at,
    })),
    ...{ vram: null, models: [] },
  })
  const seen = gpuFor(core, operator, status)
  expect(seen.waiting.map(({ task_id }) => task_id)).toEqual(['tsk_1', null, null])
  expect(JSON.stringify(seen)).not.toMatch(/Secret|tsk_2|Of null/)
  expect(seen.holder?.owner).toBe('baton:ollama')
  expect(gpuFor(core, LOCAL_CALLER, status)).toEqual(status)
})
