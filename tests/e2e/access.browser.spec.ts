import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { whyNoSandboxHere } from '../../src-main/core/sandbox/sandbox-bench.ts'
import { test } from './host.ts'

const absent = await whyNoSandboxHere()
const DOUBLES = join(import.meta.dirname, '..', 'doubles')

test('T6 T7 U2 a person says what a project may reach: hosts, and a server that is trusted after its line was read', async ({
  host,
}) => {
  test.skip(absent !== null, absent ?? '')
  const { page, data_dir } = host
  const token = readFileSync(join(data_dir, 'token'), 'utf8').trim()
  const origin = new URL(page.url()).origin
  const headers = { authorization: `Bearer ${token}` }
  const made = await page.request.post(`${origin}/api/projects`, {
    headers,
    data: { requirements: 'A note', name: 'Notes' },
  })
  const { id, workspace } = (await made.json()) as { id: string; workspace: string }
  writeFileSync(
    join(workspace, '.mcp.json'),
    JSON.stringify({ mcpServers: { offered: { command: 'node', args: ['x'] } } }),
  )

  await page.goto(`${origin}/#/projects/${id}`)
  await page.getByRole('button', { name: 'Access' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('own')
  const config = { command: 'node', args: [join(DOUBLES, 'mcp-server.mjs'), 'good'] }
  await dialog.getByLabel('Setup (JSON)').fill(JSON.stringify({ config, folders: [DOUBLES] }))
  await dialog.getByRole('button', { name: 'Add a server' }).click()
  const server = dialog.getByRole('article', { name: 'MCP server own' })
  await expect(server).toContainText('not trusted')
  await expect(server).toContainText(
    `Runs node ${join(DOUBLES, 'mcp-server.mjs')} good in the sandbox, reading ${DOUBLES}`,
  )
  await server.getByRole('button', { name: 'Trust it' }).click()
  await expect(server).toContainText('2 tools')
  await expect(server.getByRole('button', { name: 'Trust it' })).toBeHidden()

  const offer = dialog.getByRole('article', { name: /offers offered/ })
  await offer.getByRole('button', { name: 'Take over' }).click()
  await expect(dialog.getByRole('article', { name: 'MCP server offered' })).toContainText('not trusted')
  await dialog.getByRole('article', { name: 'MCP server offered' }).getByRole('button', { name: 'Remove' }).click()
  await expect(dialog.getByRole('article', { name: 'MCP server offered' })).toBeHidden()

  await dialog.getByLabel('Hosts of the internet').fill('https://example.com/')
  await expect(dialog).toContainText('without https://')
  await dialog.getByLabel('Hosts of the internet').fill('Example.com\n*.example.org')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  const now = await page.request.get(`${origin}/api/projects/${id}`, { headers })
  expect(await now.json()).toMatchObject({ allowed_hosts: ['example.com', '*.example.org'] })
})
