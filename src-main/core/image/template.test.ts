import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resourceFolder } from '../resource-folder.ts'
import { temporaryFolder } from '../store/store-bench.ts'
import { fillTemplate, parseTemplate, type Template } from './template.ts'
import { createTemplateFolder } from './template-folder.ts'

const SHIPPED = join(resourceFolder(), 'comfyui')
const shipped = (name: string): unknown => JSON.parse(readFileSync(join(SHIPPED, `${name}.json`), 'utf8'))

function textToImage(): Template {
  const parsed = parseTemplate('text-to-image', shipped('text-to-image'))
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

test('H5 named inputs go where the template says, and the name of the result is ours', () => {
  const filled = fillTemplate(textToImage(), { prompt: 'an owl', seed: 7, width: 512, checkpoint: 'x' }, 'baton/1')
  expect(filled).toMatchObject({
    ok: true,
    value: {
      '6': { inputs: { text: 'an owl' } },
      '7': { inputs: { text: '' } },
      '3': { inputs: { seed: 7, steps: 20, positive: ['6', 0] } },
      '5': { inputs: { width: 512, height: 1024 } },
      '9': { inputs: { filename_prefix: 'baton/1' } },
    },
  })
})

test.each([
  [{}, /needs the input "prompt"/],
  [{ prompt: 'x', width: 10 }, /"width" is 10, but has to be at least 64/],
  [{ prompt: 'x', steps: 1.5 }, /"steps" has to be a whole number/],
  [{ prompt: 3 }, /"prompt" has to be a text/],
  [{ prompt: 'x', light: 3 }, /has no input light. Its inputs: prompt, /],
])('H5 %j is refused with what to do', (values, text) => {
  expect(fillTemplate(textToImage(), values, 'p')).toMatchObject({ ok: false, error: expect.stringMatching(text) })
})

test('H5 a plain API export works as it is: its usual inputs are found', () => {
  const { workflow } = textToImage()
  const parsed = parseTemplate('mine', workflow)
  expect(parsed.ok && Object.keys(parsed.value.inputs).sort()).toEqual([
    'checkpoint',
    'height',
    'negative_prompt',
    'prompt',
    'seed',
    'steps',
    'width',
  ])
  expect(parsed.ok && parsed.value.inputs['prompt']?.to).toEqual(['6.text'])
  expect(parsed.ok && parsed.value.inputs['negative_prompt']?.to).toEqual(['7.text'])
})

test.each([
  [{ nodes: [], links: [] }, /Export \(API\)/],
  [{ '1': { class_type: 'A', inputs: { x: ['9', 0] } } }, /Node 1 \(A\) takes x from node 9/],
  [{ '1': { class_type: 'A', inputs: {} } }, /saves no image/],
  [{ title: 'T', inputs: { a: { to: ['7.b'], type: 'text' } }, workflow: {} }, /"a" goes to 7.b, but/],
  [{ title: 'T' }, /workflow/],
  [[1, 2], /object/],
])('H5 a file that is no template is refused with what to do: %j', (raw, text) => {
  expect(parseTemplate('x', raw)).toMatchObject({ ok: false, error: expect.stringMatching(text) })
})

test('H5 a dropped file counts at once, wins over the shipped one of its name, and a broken one is told', () => {
  const folder = join(temporaryFolder(), 'comfyui')
  const templates = createTemplateFolder(SHIPPED, folder)
  expect(templates.list().templates.map((each) => each.name)).toEqual(['smoke-test', 'text-to-image'])
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'mine.json'), JSON.stringify(textToImage().workflow))
  writeFileSync(
    join(folder, 'smoke-test.json'),
    JSON.stringify({ ...(shipped('smoke-test') as object), title: 'Mine' }),
  )
  writeFileSync(join(folder, 'broken.json'), '{')
  writeFileSync(join(folder, 'notes.txt'), 'no template')
  const { templates: found, faults } = templates.list()
  expect(found.map((each) => `${each.name}: ${each.title}`)).toEqual([
    'smoke-test: Mine',
    'text-to-image: Text to image',
    'mine: mine',
  ])
  expect(faults).toMatchObject([{ file: join(folder, 'broken.json') }])
  expect(templates.get('broken')).toMatchObject({
    ok: false,
    error: expect.stringMatching(/broken.json cannot be used/),
  })
  expect(templates.get('none')).toMatchObject({ ok: false, error: expect.stringMatching(/There are: smoke-test, /) })
})
