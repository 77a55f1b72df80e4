import { describe, expect, test } from 'vitest'
import { type ComfyuiDouble, type ComfyuiDoubleOptions, startComfyuiDouble } from '../doubles/comfyui-double.ts'
import { startOllamaDouble } from '../doubles/ollama-double.ts'
import { cleanup } from '../support/cleanup.ts'
import { cliLook } from '../support/cli-look.ts'
import { anthropicDouble, asked, type CoreBench, coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { mixedTasks, painter } from '../support/gpu-bench.ts'

async function comfyuiDouble(options: ComfyuiDoubleOptions = {}): Promise<ComfyuiDouble> {
  const double = await startComfyuiDouble(options)
  cleanup(() => double.close())
  return double
}

/** A core with ComfyUI, with Ollama as the model that asks for images, and with a paid model that may take local work over. */
async function withImages(comfyui: ComfyuiDouble) {
  const ollama = await startOllamaDouble({ brain: painter })
  cleanup(() => ollama.close())
  const paid = await anthropicDouble()
  const bench = await coreBench({ ollama: ollama.url, comfyui: comfyui.url, anthropic: paid })
  return { bench, ollama, paid }
}

function serviceOf({ core }: CoreBench, name: string) {
  const found = core.services.list().find((service) => service.name === name)
  if (found === undefined) throw new Error(`There is no service ${name}`)
  return found
}

describe('ComfyUI that loses its queue', () => {
  test('H5 again and again ends the task with the reason, not in a loop', async () => {
    const comfyui = await comfyuiDouble({ default: { kind: 'lose_queue' } })
    const { bench, paid } = await withImages(comfyui)
    must(await bench.core.settings.change({ breaker_failures: 100 }))
    const [, image] = mixedTasks(2)
    const { id } = await bench.start(image === undefined ? [] : [image])
    const { reason } = await bench.reaches(id, 'failed')
    expect(comfyui.accepted).toHaveLength(3)
    expect(reason).toMatch(/generate_image, failed: ComfyUI does not know this image any more: it was restarted/)
    expect(await cliLook(bench, 'tasks')).toMatch(/generate_image, failed: ComfyUI does not know this image any more/)
    expect(asked(paid)).toEqual([])
    comfyui.setDefault({ kind: 'answer' })
    must(await bench.core.tasks.retry(bench.task(id, 't01').id, 'start'))
    await bench.reaches(id, 'succeeded')
  })

  test('H2 is left alone after so many failures in a row; its tasks wait with the reason and the moment', async () => {
    const comfyui = await comfyuiDouble({ default: { kind: 'lose_queue' } })
    const { bench, paid } = await withImages(comfyui)
    must(await bench.core.settings.change({ breaker_failures: 2, retry_cap_ms: 3_600_000, retry_base_ms: 1 }))
    const { id } = await bench.start(mixedTasks(6))
    await eventually('all else to be done and the images to wait', () =>
      bench.tasks(id).every(({ state, key }) => state === (Number(key.slice(1)) % 2 === 0 ? 'succeeded' : 'waiting')),
    )
    // Those under way when it opened may have ended after it.
    expect(comfyui.accepted.length).toBeLessThanOrEqual(4)
    const resting = bench.tasks(id).filter((task) => task.waiting_on === 'resource')
    expect(resting.length).toBeGreaterThan(0)
    for (const task of resting) {
      expect(task.reason).toMatch(/^Goes on at .*ComfyUI does not know this image.*failed 2 times or more in a row\./)
      expect(Date.parse(task.resumes_at ?? '') - Date.now()).toBeGreaterThan(3_000_000)
    }
    expect(serviceOf(bench, 'comfyui')).toMatchObject({
      state: 'degraded',
      detail: expect.stringMatching(/^Goes on at .*in a row\./),
      last_error: { message: expect.stringMatching(/does not know this image/) },
    })
    expect(await cliLook(bench, 'services')).toMatch(/ComfyUI works with trouble .*Goes on at .*in a row\./)
    expect(asked(paid)).toEqual([])
  })

  test('H2 is tried by one call when its rest is over, and the work goes on by itself', async () => {
    const comfyui = await comfyuiDouble({ default: { kind: 'lose_queue' } })
    const { bench } = await withImages(comfyui)
    must(await bench.core.settings.change({ breaker_failures: 1, retry_cap_ms: 400, retry_base_ms: 1 }))
    const { id } = await bench.start(mixedTasks(4))
    await eventually('the rest', () => serviceOf(bench, 'comfyui').state === 'degraded')
    comfyui.setDefault({ kind: 'answer' })
    await bench.reaches(id, 'succeeded')
    expect(serviceOf(bench, 'comfyui').state).toBe('healthy')
  })
})

test('H2 R3 with Ollama and ComfyUI both down, all tasks wait with their reason, nothing is paid for, and all goes on', async () => {
  const comfyui = await startComfyuiDouble()
  const { bench, ollama, paid } = await withImages(comfyui)
  comfyui.setDefault({ kind: 'answer', step_ms: 60_000 })
  const { id } = await bench.start(mixedTasks(4))
  await eventually('an image under way', () => comfyui.pending().length > 0)
  await comfyui.close()
  await ollama.close()
  await bench.reaches(id, 'waiting')
  must(await bench.core.services.check('comfyui'))
  must(await bench.core.services.check('ollama'))
  await eventually('all to wait', () => bench.tasks(id).every(({ state }) => ['waiting', 'succeeded'].includes(state)))
  const reasons = bench.tasks(id).flatMap(({ state, reason }) => (state === 'waiting' ? [reason] : []))
  expect(reasons.length).toBeGreaterThan(0)
  for (const reason of reasons) expect(reason).toMatch(/(Ollama|ComfyUI) .*cannot be reached.*Start/)
  for (const name of ['ollama', 'comfyui'])
    expect(serviceOf(bench, name)).toMatchObject({ state: 'down', since: expect.any(String) as string })
  const shown = await cliLook(bench, 'services')
  expect(shown).toMatch(/Ollama does not answer .*Start/)
  expect(shown).toMatch(/ComfyUI does not answer .*Start it/)

  const again = await startOllamaDouble({ port: ollama.port, brain: painter })
  cleanup(() => again.close())
  must(await bench.core.services.check('ollama'))
  await eventually('texts to be done while images wait', () =>
    bench.tasks(id).every(({ key, state }) => Number(key.slice(1)) % 2 === 1 || state === 'succeeded'),
  )
  await comfyuiDouble({ port: Number(new URL(comfyui.url).port) })
  must(await bench.core.services.check('comfyui'))
  await bench.reaches(id, 'succeeded')
  expect(asked(paid)).toEqual([])
  expect(bench.core.budget.get().global).toMatchObject({ settled_micros: 0, reserved_micros: 0 })
})
