import { expect } from '@playwright/test'
import { test } from './host.ts'

test('G6 U2 a prompt is asked by keys alone, and its timeline tells what happened and why', async ({
  host: { page },
}) => {
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible()
  await page.keyboard.press('g')
  await page.keyboard.press('r')
  await expect(page.getByRole('heading', { level: 1, name: 'Prompts' })).toBeVisible()
  await expect(page.getByText('Nothing was asked yet')).toBeVisible()
  await page.getByRole('button', { name: 'Use the demo model' }).click()
  await page.getByLabel('Ask for something small').fill('Plan a trip to Paris')
  await page.getByLabel('At most, $').fill('soon')
  await expect(page.getByText('Write an amount such as')).toBeVisible()
  await page.getByLabel('At most, $').fill('2.50')
  await page.getByLabel('Ask for something small').press('Control+Enter')
  const table = page.getByRole('table', { name: 'Prompts' })
  await expect(table.getByRole('row', { name: /Plan a trip to Paris.*Done.*\$2\.50/ })).toBeVisible()

  await table.getByRole('link', { name: 'Plan a trip to Paris: timeline and answer' }).focus()
  await page.keyboard.press('Enter')
  const drawer = page.getByRole('complementary', { name: 'Plan a trip to Paris' })
  const timeline = drawer.getByRole('region', { name: 'Timeline of the last attempt' })
  await expect(timeline.getByText('The local tier. The demo model does everything itself.')).toBeVisible()
  await expect(timeline.getByText('It passed its checks.')).toBeVisible()
  await expect(timeline.getByText('Succeeded')).toBeVisible()
  const work = timeline.getByRole('button', { name: 'working with tools: show 3 calls' })
  await expect(work).toHaveAttribute('aria-expanded', 'false')
  await work.focus()
  await page.keyboard.press('Enter')
  await expect(work).toHaveAttribute('aria-expanded', 'true')
  await expect(timeline.getByText('write_file', { exact: true })).toBeVisible()
  await expect(timeline.getByText('Asked for write_file.')).toBeVisible()

  // It is no project among the planned ones.
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.keyboard.press('p')
  await expect(page.getByText('Write down what you want')).toBeVisible()
})
