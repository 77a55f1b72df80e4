import { createHash } from 'node:crypto'
import { type McpTool, type ToolDefinition, toolDefinition } from '#contract/mcp.ts'

export const MAX_TOOLS = 128
const MAX_SCHEMA = 16_000
const MAX_DESCRIPTION = 1_000
/** What Anthropic, OpenAI, Google and Ollama take. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/

export function fullName(server: string, tool: string): string {
  return `mcp__${server}__${tool}`
}

/** Sorts out what a server lists: what can be used, and why the rest cannot. */
export function readDefinitions(
  server: string,
  given: readonly unknown[],
  more: number,
): { tools: ToolDefinition[]; left_out: { name: string; why: string }[] } {
  const tools: ToolDefinition[] = []
  const left_out: { name: string; why: string }[] = []
  for (const each of given) {
    const parsed = toolDefinition.safeParse(each)
    const name = parsed.success ? parsed.data.name.slice(0, 100) : '(a tool)'
    const why = !parsed.success
      ? 'It is not described as a tool.'
      : !NAME.test(fullName(server, parsed.data.name))
        ? 'Its name has other signs than letters, digits, _ and -, or is too long.'
        : JSON.stringify(parsed.data.inputSchema).length > MAX_SCHEMA
          ? `Its schema is longer than ${MAX_SCHEMA} characters.`
          : tools.some((tool) => tool.name === parsed.data.name)
            ? 'There is another tool of this name.'
            : tools.length >= MAX_TOOLS
              ? `A server may have ${MAX_TOOLS} tools.`
              : null
    if (why !== null) left_out.push({ name, why })
    else if (parsed.success) tools.push(parsed.data)
  }
  if (more > 0) left_out.push({ name: `${more} or more others`, why: `A server may have ${MAX_TOOLS} tools.` })
  return { tools, left_out: left_out.slice(0, 20) }
}

/** How a definition is known again, whatever the order of its members. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sorted)).digest('hex')
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** For people and for plans. */
export function viewOf(server: string, tool: ToolDefinition, risk: McpTool['risk']): McpTool {
  return {
    name: fullName(server, tool.name),
    title: tool.name,
    description: shortDescription(tool),
    risk,
    read_only: tool.annotations.readOnlyHint === true,
    idempotent: tool.annotations.idempotentHint === true || tool.annotations.readOnlyHint === true,
  }
}

export function shortDescription({ description }: ToolDefinition): string {
  return description.slice(0, MAX_DESCRIPTION)
}
