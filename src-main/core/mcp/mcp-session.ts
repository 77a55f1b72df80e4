import type { Client, JsonSchemaValidator, jsonSchemaValidator, Transport } from '@modelcontextprotocol/client'
import type { McpConfig, ToolDefinition } from '#contract/mcp.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { createChildTransport, type ServerProcess } from './child-transport.ts'
import { boundedFetch } from './http-server.ts'
import { MAX_TOOLS, readDefinitions } from './tool-definition.ts'

const CONNECT_MS = 30_000
const CALL_MS = 300_000
const MAX_PAGES = 20
const MAX_CHARACTERS = 30_000

/** A living connection to one server. */
export interface McpSession {
  /** What it offers now. */
  list(): Promise<Result<{ tools: ToolDefinition[]; left_out: { name: string; why: string }[] }, string>>
  /** Calls a tool; `is_error` where the tool says so. The error: the call did not come to its end. */
  call(
    tool: string,
    given: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<Result<{ is_error: boolean; text: string }, string>>
  /** Whether its tools may be others than when they were listed last. */
  isStale(): boolean
  isOpen(): boolean
  close(): Promise<void>
}

/** Connects to a server: a running program, or an HTTP server by its URL and headers, filled in already. */
export async function openSession(
  name: string,
  server: { readonly process: ServerProcess } | { readonly http: Extract<McpConfig, { url: string }> },
  version: string,
): Promise<Result<McpSession, string>> {
  const sdk = await import('@modelcontextprotocol/client')
  let transport: Transport
  let lastWords = (): string => ''
  if ('process' in server) {
    const made = createChildTransport(server.process, {
      buffer: new sdk.ReadBuffer(),
      serialize: sdk.serializeMessage,
    })
    transport = made
    lastWords = made.lastWords
  } else {
    const { url, headers } = server.http
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return err('its URL is none of http or https')
    transport = new sdk.StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers },
      fetch: boundedFetch,
      reconnectionOptions: {
        ...{ maxReconnectionDelay: 5_000, initialReconnectionDelay: 500 },
        ...{ reconnectionDelayGrowFactor: 2, maxRetries: 2 },
      },
    })
  }
  // It may ask us for nothing: no capability is offered.
  const client = new sdk.Client({ name: 'baton', version }, { capabilities: {}, jsonSchemaValidator: TAKES_ALL })
  let isOpen = true
  let isStale = false
  let trouble = ''
  client.onclose = () => {
    isOpen = false
  }
  client.onerror = (fault) => {
    trouble = fault.message
  }
  client.setNotificationHandler('notifications/tools/list_changed', () => {
    isStale = true
  })
  const why = (cause: unknown): string => {
    const said = lastWords()
    const own = trouble === '' ? (cause instanceof Error ? cause.message : String(cause)) : trouble
    return said === '' ? own : `${own}. Its last words: ${said}`
  }
  const session: McpSession = {
    isStale: () => isStale,
    isOpen: () => isOpen,
    async list() {
      isStale = false
      try {
        const { given, more } = await listAll(client)
        return ok(readDefinitions(name, given, more))
      } catch (cause) {
        return err(why(cause))
      }
    },
    async call(tool, given, signal) {
      try {
        const answer = await client.callTool({ name: tool, arguments: { ...given } }, { signal, timeout: CALL_MS })
        return ok({ is_error: answer.isError === true, text: textOf(answer) })
      } catch (cause) {
        return err(why(cause))
      }
    },
    async close() {
      isOpen = false
      await client.close().catch(() => undefined)
    },
  }
  try {
    await client.connect(transport, { timeout: CONNECT_MS })
    return ok(session)
  } catch (cause) {
    await session.close()
    return err(why(cause))
  }
}

/** Answers are text for a model; a hostile schema must cost nothing. */
const TAKES_ALL: jsonSchemaValidator = {
  getValidator<T>(): JsonSchemaValidator<T> {
    return (input) => ({ valid: true, data: input as T, errorMessage: undefined })
  },
}

async function listAll(client: Client): Promise<{ given: unknown[]; more: number }> {
  const given: unknown[] = []
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await client.listTools(cursor === undefined ? {} : { cursor }, { timeout: CONNECT_MS })
    given.push(...answer.tools)
    cursor = answer.nextCursor
    if (cursor === undefined || given.length > MAX_TOOLS) break
  }
  const more = Math.max(0, given.length - MAX_TOOLS) + (cursor === undefined ? 0 : 1)
  return { given: given.slice(0, MAX_TOOLS), more }
}

/** The texts of an answer; of what is no text, that it was there. */
function textOf(answer: Awaited<ReturnType<Client['callTool']>>): string {
  const pieces = answer.content.map((piece) => {
    if (piece.type === 'text') return piece.text
    if (piece.type === 'resource' && 'text' in piece.resource) return piece.resource.text
    return `(${piece.type}, not shown)`
  })
  const structured = answer.structuredContent
  if (pieces.length === 0 && structured !== undefined) pieces.push(JSON.stringify(structured))
  const text = pieces.join('\n')
  return text.length <= MAX_CHARACTERS
    ? text
    : `${text.slice(0, MAX_CHARACTERS)}\n(${text.length - MAX_CHARACTERS} more characters left out)`
}
