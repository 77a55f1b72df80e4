import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ComfyuiDouble, startComfyuiDouble } from '../doubles/comfyui-double.ts'
import type { Double } from '../doubles/double-server.ts'
import { type Baton, createBaton, resultOf } from '../support/baton-process.ts'
import { ollamaDouble } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const CALL = {
  name: 'generate_image',
  arguments: { path: 'owl.png', prompt: 'an owl', width: 64, height: 64, steps: 4 },
}
const PLAN = {
  title: 'One image',
  tasks: [
    {
      key: 'owl',
      title: 'Draw an owl',
      type: 'asset',
      complexity: 'simple',
      tier: 'local',
      tools: ['generate_image'],
      artifacts: ['owl.png'],
    },
  ],
}

let ollama: Double
let comfyui: ComfyuiDouble
let baton: Baton
let env: Record<string, string>
beforeEach(async () => {
  ollama = await ollamaDouble({ queue: [{ kind: 'answer', text: '', tool_calls: [CALL] }] })
  ollama.setDefault({ kind: 'answer', text: 'The owl is there.' })
  comfyui = await startComfyuiDouble()
  baton = createBaton({ ollama: ollama.url })
  writeFileSync(join(baton.folder, 'plan.json'), JSON.stringify(PLAN))
  env = { COMFYUI_URL: comfyui.url }
})
afterEach(async () => {
  await baton.close()
  await comfyui.close()
})

const RUN = ['run', 'plan.json', '--yes', '--json']

async function resumed(): Promise<void> {
  const end = await baton.run(['resume', '--yes', '--json'], { env })
  expect(end.code, end.stderr + end.stdout.slice(-2_000)).toBe(0)
  const { status, workspace } = resultOf(end)
  expect(status).toBe('succeeded')
  expect(readFileSync(join(workspace, 'owl.png')).subarray(1, 4).toString()).toBe('PNG')
}

test('E5 killed while ComfyUI makes an image, Baton fetches that image at its next start', async () => {
  comfyui.script({ kind: 'answer', step_ms: 1_500 })
  const running = baton.start(RUN, { env })
  await eventually('the image is being made', () => comfyui.pending().length === 1)
  await running.kill()
  await resumed()
  expect(comfyui.accepted).toHaveLength(1)
})

test('E5 an image that was saved before ComfyUI lost its history is found by its name', async () => {
  const killed = await baton.start(RUN, { env: { ...env, BATON_FAILPOINTS: 'after-tool-effect' } }).ended
  expect(killed.signal).toBe('SIGKILL')
  comfyui.forget()
  await resumed()
  expect(comfyui.accepted).toHaveLength(1)
})

describe.each(['after-tool-prepare', 'after-temporary-file', 'after-tool-effect'])('killed %s', (failpoint) => {
  test('E5 the image is asked for once', async () => {
    const killed = await baton.start(RUN, { env: { ...env, BATON_FAILPOINTS: failpoint } }).ended
    expect(killed.signal).toBe('SIGKILL')
    await resumed()
    expect(comfyui.accepted).toHaveLength(1)
  })
})

test('H1 baton services shows how they are and who has the card', async () => {
  const shown = await baton.run(['services', '--check'], { env })
  expect(shown.code).toBe(0)
  expect(shown.stdout).toMatch(/Ollama\s.*works/)
  expect(shown.stdout).toMatch(/ComfyUI\s.*works.*Version 0\.38\.1 runs on the processor/)
  expect(shown.stdout).toMatch(/GPU is free\.\n {2}ComfyUI works on the processor/)
  const lines = (await baton.run(['services', '--json'], { env })).stdout.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as { name?: string; type: string })).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ type: 'service', name: 'comfyui', state: 'healthy' }),
      expect.objectContaining({ type: 'gpu', resource: 'gpu:0', holder: null }),
    ]),
  )
})
