import { expect, type Locator, type Page } from '@playwright/test'
import { startComfyuiDouble } from '../doubles/comfyui-double.ts'
import { startDoubleProcess } from '../support/double-process.ts'
import { test as base } from './host.ts'

const NOBODY = 'http://127.0.0.1:1'
/** Nothing of the machine that runs the test is found. */
const ALONE = {
  COMFYUI_URL: NOBODY,
  LMSTUDIO_BASE_URL: `${NOBODY}/v1`,
  LLAMACPP_BASE_URL: `${NOBODY}/v1`,
  VLLM_BASE_URL: `${NOBODY}/v1`,
}

/** `test` on the page that comes by itself. `doubles`: which servers there are; `no model`: Ollama runs, and is empty. */
const test = base.extend<{ doubles: 'none' | 'no model' | 'all' }>({
  doubles: ['none', { option: true }],
  firstRun: 'stay',
  environment: async ({ doubles }, use) => {
    if (doubles === 'none') {
      await use(ALONE)
      return
    }
    const ollama = await startDoubleProcess('ollama', { models: doubles === 'all' ? ['llama3.2:latest'] : [] })
    const comfyui = await startComfyuiDouble()
    const anthropic = await startDoubleProcess('anthropic')
    await use({
      ...ALONE,
      OLLAMA_HOST: ollama.url,
      ...(doubles === 'all'
        ? { COMFYUI_URL: comfyui.url, ANTHROPIC_API_KEY: 'sk-ant-of-a-test', ANTHROPIC_BASE_URL: anthropic.url }
        : {}),
    })
    for (const double of [ollama, comfyui, anthropic]) await double.close()
  },
})

const line = (page: Page, name: string): Locator =>
  page.getByRole('region', { name: 'This machine' }).getByRole('listitem').filter({ hasText: name })
const strip = (page: Page): Locator => page.getByRole('region', { name: 'Status' })

/** Runs the sample from the page of the first run to its end. */
async function runSample(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run the sample project' }).click()
  const tasks = page.getByRole('grid', { name: 'Tasks of the plan' })
  await expect(tasks.getByText('Index with links')).toBeVisible()
  await page.getByRole('button', { name: 'Approve, at no cost' }).click()
  await expect(page.getByText('Everything in the plan was done.')).toBeVisible({ timeout: 120_000 })
  await expect(page.getByRole('complementary')).toContainText('0 $')
  await page.getByRole('button', { name: /^index\.md/ }).click()
  await expect(page.getByRole('region', { name: 'index.md' }).getByTitle('birds/white-stork.md')).toBeVisible()
}

test('U3 on a new data folder the first run comes by itself, and once it is left it does not come again', async ({
  host: { page },
}) => {
  await expect(page.getByRole('heading', { level: 1, name: 'First run' })).toBeVisible()
  await page.getByRole('button', { name: 'Skip for now' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible()
  await page.evaluate(() => {
    history.replaceState(null, '', location.pathname)
  })
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible()

  await page.keyboard.press('Control+k')
  await page.keyboard.type('first run')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'First run' })).toBeVisible()
  await page.getByRole('link', { name: 'Settings', exact: true }).click()
  await page.getByRole('link', { name: 'First run', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'First run' })).toBeVisible()
})

test('U3 R6 what is missing says so in words, with a button that shows what to do', async ({ host: { page } }) => {
  await expect(line(page, 'Ollama')).toContainText('Not found')
  await line(page, 'Ollama').getByRole('button', { name: 'Connect: Ollama' }).click()
  await expect(line(page, 'Ollama').getByText('ollama serve')).toBeVisible()
  await expect(line(page, 'Ollama').getByText('OLLAMA_HOST says where it is.')).toBeVisible()
  await line(page, 'Ollama').getByRole('button', { name: 'Close: Ollama' }).click()
  await expect(line(page, 'Ollama').getByText('ollama serve')).toHaveCount(0)
  await expect(line(page, 'ComfyUI')).toContainText('Not there, optional')
  const key = line(page, 'Key of a cloud provider')
  await key.getByRole('button', { name: 'Add a key: Key of a cloud provider' }).click()
  await expect(key.getByText('Anthropic', { exact: true })).toBeVisible()
  await expect(page.getByText('No model is there yet.')).toBeVisible()
})

test('U3 B1 the monthly cap is set by a slider and by a field, and shows in the strip', async ({ host: { page } }) => {
  const slider = page.getByRole('slider', { name: 'Monthly limit in dollars' })
  await slider.focus()
  await page.keyboard.press('ArrowRight')
  await expect(slider).toHaveAttribute('aria-valuetext', '$55.00')
  await expect(strip(page)).toContainText('$55.00')
  const field = page.getByLabel('Per month, $')
  await field.fill('much')
  await expect(page.getByText('Write an amount such as')).toBeVisible()
  await field.fill('12.5')
  await field.press('Enter')
  await expect(strip(page)).toContainText('$12.50')
  await field.fill('')
  await field.blur()
  await expect(strip(page)).toContainText('no limit')
})

test('U3 R2 without any model the sample is done by the demo model, which says so, at 0 $', async ({
  host: { page },
}) => {
  await expect(page.getByText('Done by the demo model, since no local model is there')).toBeVisible()
  await runSample(page)
  await page.getByRole('radio', { name: 'Result' }).click()
  await expect(page.getByText('no AI', { exact: false }).first()).toBeVisible()
})

test.describe('with an Ollama that has no model', () => {
  test.use({ doubles: 'no model' })

  test('U3 R6 a model is pulled with one click, and the line is ready by itself', async ({ host: { page } }) => {
    await expect(line(page, 'Ollama')).toContainText('One step left')
    await line(page, 'Ollama').getByRole('button', { name: 'Pull llama3.2' }).click()
    await expect(line(page, 'Ollama')).toContainText('Ready')
    await expect(page.getByText('Done by llama3.2', { exact: false })).toBeVisible()
  })
})

test.describe('with everything there', () => {
  test.use({ doubles: 'all' })

  test('U3 all lines are ready, and the sample is done on the local model at 0 $', async ({ host: { page } }) => {
    for (const name of ['Ollama', 'ComfyUI', 'Key of a cloud provider']) {
      await expect(line(page, name)).toContainText('Ready')
      await expect(line(page, name).getByRole('button')).toHaveCount(0)
    }
    await expect(page.getByText('Done by llama3.2', { exact: false })).toBeVisible()
    await runSample(page)
    await expect(strip(page)).toContainText('$0 / $5.00')
  })
})
