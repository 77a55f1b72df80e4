import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { Double } from '../doubles/double-server.ts'
import { startOllamaDouble } from '../doubles/ollama-double.ts'
import { makePdf } from '../support/make-pdf.ts'
import { test as base } from './host.ts'

const test = base.extend<{ ollama: Double; papers: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needs of a fixture from this pattern
  ollama: async ({}, use) => {
    const ollama = await startOllamaDouble()
    await use(ollama)
    await ollama.close()
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needs of a fixture from this pattern
  papers: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'baton-papers-'))
    writeFileSync(join(folder, 'kestrel.pdf'), makePdf([['Contents'], ['Method', 'The kestrel was ringed.']]))
    const filler = Array.from({ length: 120 }, (_, line) => `Line ${line} of the long preface.`).join('\n\n')
    writeFileSync(
      join(folder, 'owls.md'),
      `# Owls\n\n${filler}\n\n## Hearing\n\nThe raptor hears a mouse below the snow.\n`,
    )
    writeFileSync(join(folder, 'broken.pdf'), '%PDF-1.7 nothing')
    await use(folder)
    rmSync(folder, { recursive: true, force: true })
  },
  environment: async ({ ollama }, use) => {
    await use({ OLLAMA_HOST: ollama.url })
  },
})

test('K1 K2 K3 a folder is added by its path, found in by meaning, and opened at the place', async ({
  host: { page },
  papers,
}, info) => {
  const picture = async (name: string): Promise<void> => {
    await page.screenshot({ path: info.outputPath(`${name}.png`) })
  }
  await page.setViewportSize({ width: 1_440, height: 900 })
  await page.getByRole('link', { name: 'Knowledge', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Nothing to search in yet' })).toBeVisible()
  await picture('empty')
  await page.getByRole('button', { name: 'Add', exact: true }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Add files' })
  await dialog.getByLabel('Path').fill('relative/folder')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByText(/is not an absolute path/)).toBeVisible()
  await dialog.getByLabel('Path').fill(papers)
  await dialog.getByText('Follow its changes').click()
  await picture('add')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()

  const source = page.getByRole('listitem').filter({ hasText: papers })
  await expect(source.getByText(/^2 files, \d+ passages$/)).toBeVisible()
  await expect(source.getByText('1 file not read')).toBeVisible()
  await expect(page.getByText('Found by words and meaning', { exact: false })).toBeVisible()
  await source.getByRole('button', { name: /^Files of/ }).click()
  await expect(source.getByText(/It is a damaged PDF/)).toBeVisible()

  await page.getByRole('searchbox', { name: 'Search in knowledge' }).fill('nocturnal')
  await page.keyboard.press('Enter')
  const hit = page.getByRole('link', { name: /^Open .*owls\.md:/ }).first()
  await expect(hit).toBeVisible()
  await picture('found')
  await hit.click()
  const document = page.getByRole('complementary', { name: 'Document' })
  const cited = document.locator('[aria-current=location]').filter({ hasText: 'below the snow' })
  await expect(cited).toBeInViewport()
  await picture('opened')
  await page.keyboard.press('Shift+T')
  await picture('opened-dark')

  // The address alone opens it there again.
  await page.reload()
  await expect(cited).toBeInViewport()
  await page.keyboard.press('Escape')
  await expect(document).toBeHidden()

  await source.getByRole('button', { name: /^Take .* out$/ }).click()
  await page.getByRole('button', { name: 'Take it out' }).click()
  await expect(page.getByRole('heading', { name: 'Nothing to search in yet' })).toBeVisible()
})

test('K1 a file is dropped in, read and found; words alone are searched where nobody makes vectors', async ({
  host: { page },
  ollama,
}) => {
  await ollama.close()
  await page.getByRole('link', { name: 'Knowledge', exact: true }).click()
  await page.getByRole('button', { name: 'Add', exact: true }).first().click()
  await page.getByLabel('Choose files').setInputFiles({
    name: 'sluice.md',
    mimeType: 'text/markdown',
    buffer: Buffer.from('# Sluice\n\nThe keeper sleeps at noon.\n'),
  })
  await expect(page.getByText('1 file, 1 passage')).toBeVisible()
  await page.getByRole('searchbox', { name: 'Search in knowledge' }).fill('keeper')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('link', { name: 'Open sluice.md:1-3' })).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: 'Searched by keywords alone.' })).toBeVisible()
})
