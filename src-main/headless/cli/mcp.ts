import { readFileSync } from 'node:fs'
import { type McpServers, mcpSetup } from '#contract/mcp.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson, say } from './output.ts'
import { createPaint } from './paint.ts'
import { printable } from './printable.ts'
import { withClient } from './session.ts'

export interface McpFlags {
  readonly add?: string
  readonly setup?: string
  readonly take?: string
  readonly approve?: string
  readonly remove?: string
  readonly json?: boolean
}

/** `baton mcp PROJECT`: the servers of tools that its work may use, and what trusting one would run (T7). */
export function mcp(id: string, flags: McpFlags): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const before = await api.mcp.list({ id })
    let after = before
    if (flags.add !== undefined) after = await api.mcp.put({ id, name: flags.add, setup: readSetup(flags.setup) })
    else if (flags.take !== undefined) {
      const offer = before.offers.find(({ name }) => name === flags.take)
      if (offer?.config == null) {
        throw new CommandFault(`.mcp.json offers no usable server ${flags.take}. ${offer?.problem ?? ''}`, EXIT.failed)
      }
      after = await api.mcp.put({ id, name: offer.name, setup: mcpSetup.parse({ config: offer.config }) })
    } else if (flags.approve !== undefined) {
      const server = before.items.find(({ name }) => name === flags.approve)
      if (server === undefined) throw new CommandFault(`The project has no MCP server ${flags.approve}.`, EXIT.failed)
      after = await api.mcp.approve({ id, name: server.name, hash: server.hash })
    } else if (flags.remove !== undefined) after = await api.mcp.remove({ id, name: flags.remove })
    if (flags.json) printJson(after)
    else show(after)
    return EXIT.done
  })
}

function show({ items, offers }: McpServers): void {
  const paint = createPaint(process.stdout)
  if (items.length + offers.length === 0)
    say('The project has no MCP servers. Add one with: baton mcp PROJECT --add NAME --setup FILE')
  for (const { name, state, does, detail, tools, left_out } of items) {
    print(`${name}  ${paint.dim(state)}  ${printable(does)}`)
    if (detail !== '') print(`    ${printable(detail)}`)
    for (const tool of tools)
      print(`    ${tool.name}  ${paint.dim(tool.risk)}  ${printable(tool.description).slice(0, 100)}`)
    for (const { name: left, why } of left_out) print(`    ${paint.dim(`left out: ${printable(left)}. ${why}`)}`)
  }
  for (const { name, problem } of offers) {
    print(
      `${printable(name)}  ${paint.dim('offered by .mcp.json')}  ${problem === '' ? `take it with --take ${printable(name)}` : printable(problem)}`,
    )
  }
  if (items.some(({ state }) => state !== 'trusted'))
    say('Trust a server, and let it do what its line says, with: baton mcp PROJECT --approve NAME')
}

function readSetup(file: string | undefined): ReturnType<typeof mcpSetup.parse> {
  if (file === undefined) throw new CommandFault('Name a JSON file with the server’s setup: --setup FILE', EXIT.usage)
  const given = jsonOf(file)
  // Either the whole setup, or a server as mcpServers has it.
  const parsed = [given, { config: given }].map((each) => mcpSetup.safeParse(each)).find((each) => each.success)
  if (parsed?.success !== true)
    throw new CommandFault(
      `${file} cannot be read as the setup of an MCP server: {"config": {"command": …}}.`,
      EXIT.failed,
    )
  return parsed.data
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // The caller says that it is no setup, whether it is missing or no JSON.
    return undefined
  }
}
