import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type McpOffer, mcpConfig, mcpServerName } from '#contract/mcp.ts'

const MAX_BYTES = 1_000_000
const MAX_OFFERS = 50
const file = z.object({ mcpServers: z.record(z.string(), z.unknown()) })

/** The servers that `.mcp.json` in a workspace describes. Read as hostile text, and never taken without a person. */
export async function workspaceOffers(workspace: string): Promise<McpOffer[]> {
  const text = await readSmall(join(workspace, '.mcp.json'))
  if (text === null) return []
  const parsed = file.safeParse(jsonOf(text))
  if (!parsed.success) return [{ name: '.mcp.json', config: null, problem: 'It is no JSON with "mcpServers".' }]
  return Object.entries(parsed.data.mcpServers)
    .slice(0, MAX_OFFERS)
    .map(([name, given]) => {
      const config = mcpConfig.safeParse(given)
      const problem = !mcpServerName.safeParse(name).success
        ? 'Its name has other signs than letters, digits, - and single _, or more than 24.'
        : config.success
          ? ''
          : 'It is neither a program (command, args, env) nor an HTTP server (type "http", url, headers).'
      return { name: name.slice(0, 100), config: config.success ? config.data : null, problem }
    })
}

async function readSmall(path: string): Promise<string | null> {
  try {
    // A link may lead anywhere, and a pipe would never end.
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const found = await handle.stat()
      return found.isFile() && found.size <= MAX_BYTES ? await handle.readFile('utf8') : null
    } finally {
      await handle.close()
    }
  } catch {
    // There is none, or none that may be read: nothing is offered.
    return null
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
