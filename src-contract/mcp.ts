import { z } from 'zod'
import { hostPatterns } from './host.ts'
import { projectId } from './ids.ts'

/** `mcp__<server>__<tool>` has to be a name that every provider takes, so a server's is short and has no `__`. */
export const mcpServerName = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]|_(?=[A-Za-z0-9-])){0,23}$/, 'letters, digits, - and single _ (at most 24)')

const texts = z.record(z.string().min(1).max(200), z.string().max(10_000))

/** A server as `mcpServers` describes it in files such as `.mcp.json`; members that others know besides are left out. */
export const mcpConfig = z.union([
  z.object({
    type: z.literal('stdio').optional(),
    command: z.string().min(1).max(4_000),
    args: z.array(z.string().max(10_000)).max(200).default([]),
    env: texts.default({}),
  }),
  z.object({
    type: z.enum(['http', 'streamable-http']),
    url: z.string().min(1).max(4_000),
    headers: texts.default({}),
  }),
])
export type McpConfig = z.infer<typeof mcpConfig>

/** All of a server that a person's trust is given to. */
export const mcpSetup = z.strictObject({
  config: mcpConfig,
  /** Names of Baton's environment that `${NAME}` may stand for. */
  variables: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .max(50)
    .default([]),
  /** In the sandbox: hosts that it may reach, and folders besides the workspace that it may read, absolute. */
  hosts: hostPatterns.default([]),
  folders: z.array(z.string().startsWith('/').max(4_000)).max(20).default([]),
  /** Whether a program is started in the sandbox; without, it may do all that Baton's owner may. */
  sandboxed: z.boolean().default(true),
  /** Whether each call is asked about (T5). */
  calls: z.enum(['ask', 'allow']).default('ask'),
  /**
   * Whether what the server says of its tools is believed: those that only read are called without a question, and those
   * that may be repeated are called again after a crash (E5).
   */
  trust_hints: z.boolean().default(false),
})
export type McpSetup = z.infer<typeof mcpSetup>

/** A tool as a server describes it; what a person trusts, word by word. */
export const toolDefinition = z.object({
  name: z.string(),
  description: z.string().default(''),
  inputSchema: z.record(z.string(), z.unknown()),
  annotations: z.object({ readOnlyHint: z.boolean().optional(), idempotentHint: z.boolean().optional() }).default({}),
})
export type ToolDefinition = z.infer<typeof toolDefinition>

export const mcpTool = z.object({
  /** As plans and models name it: `mcp__<server>__<tool>`. */
  name: z.string(),
  /** The server's own words. */
  title: z.string(),
  description: z.string(),
  risk: z.enum(['execute', 'network']),
  /** What the server says of it. */
  read_only: z.boolean(),
  idempotent: z.boolean(),
})
export type McpTool = z.infer<typeof mcpTool>

export const mcpServer = z.object({
  name: mcpServerName,
  setup: mcpSetup,
  /** SHA-256 of the setup: what `approve` names. */
  hash: z.string(),
  /** `changed`: its tools are not those that were trusted. */
  state: z.enum(['untrusted', 'trusted', 'changed']),
  /** Why it cannot be used, in words; empty where it can. */
  detail: z.string(),
  /** What trusting it starts or asks. */
  does: z.string(),
  tools: z.array(mcpTool),
  /** Tools that cannot be used, and why. */
  left_out: z.array(z.object({ name: z.string(), why: z.string() })),
})
export type McpServer = z.infer<typeof mcpServer>

/** A server that a file in the workspace describes; nothing of it is taken before a person says so. */
export const mcpOffer = z.object({
  name: z.string(),
  config: mcpConfig.nullable(),
  /** Why it cannot be taken; empty where it can. */
  problem: z.string(),
})
export type McpOffer = z.infer<typeof mcpOffer>

const ofServer = { id: projectId, name: mcpServerName }
export const ofMcpServer = z.strictObject(ofServer)
export const putMcpServer = z.strictObject({ ...ofServer, setup: mcpSetup })
export const approveMcpServer = z.strictObject({ ...ofServer, hash: z.string() })
export const mcpServers = z.object({ items: z.array(mcpServer), offers: z.array(mcpOffer) })
export type McpServers = z.infer<typeof mcpServers>
