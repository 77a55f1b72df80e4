import { homedir } from 'node:os'
import { resolve, sep } from 'node:path'
import type { McpSetup } from '#contract/mcp.ts'
import { err, ok, type Result } from '#contract/result.ts'
import type { Children } from '../process/children.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { ServerProcess } from './child-transport.ts'
import { expand } from './expand.ts'
import { type McpSession, openSession } from './mcp-session.ts'

export interface ConnectionParts {
  readonly sandbox: Sandbox
  readonly children: Pick<Children, 'start'>
  readonly version: string
  /** Nobody's server may read it: it holds Baton's keys to itself. */
  readonly data_dir: string
  /** Of programs outside of the sandbox. */
  readonly environment: Readonly<Record<string, string>>
  valueOf(name: string): string | undefined
}

export interface Whose {
  readonly name: string
  readonly workspace: string
  readonly project_id: number
  readonly run_id: number | null
}

/** Starts or asks a server that a person trusts. The error says why it cannot be used. */
export async function connect(
  parts: ConnectionParts,
  { name, workspace, project_id, run_id }: Whose,
  setup: McpSetup,
): Promise<Result<McpSession, string>> {
  const filled = expand(setup.config, setup.variables, parts.valueOf)
  if (!filled.ok) return filled
  const config = filled.value
  if ('url' in config) return openSession(name, { http: config }, parts.version)
  const what = `the MCP server ${name} (${setup.config && 'command' in setup.config ? setup.config.command : ''})`
  const argv = [config.command, ...config.args]
  if (setup.sandboxed) {
    const folder = setup.folders.find((each) => holds(each, parts.data_dir) || holds(each, homedir()))
    if (folder !== undefined) return err(`the folder ${folder} holds your home or Baton’s own data. Name a smaller one`)
  }
  const started = setup.sandboxed
    ? await parts.sandbox.start({
        ...{ argv, env: config.env, workspace, folders: setup.folders, hosts: setup.hosts, what, project_id, run_id },
      })
    : await startOutside(parts, argv, { ...parts.environment, ...config.env }, workspace, what, project_id, run_id)
  return started.ok ? openSession(name, { process: started.value }, parts.version) : started
}

async function startOutside(
  { children }: ConnectionParts,
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
  what: string,
  project_id: number,
  run_id: number | null,
): Promise<Result<ServerProcess, string>> {
  const started = await children.start({ program, args, cwd, env, what, project_id, run_id })
  if (!started.ok) return started
  const child = started.value
  const closed = new Promise<void>((done) => child.process.once('close', () => done()))
  return ok({
    child,
    closed,
    async end() {
      await child.end()
      await closed
    },
  })
}

/** Whether a folder is another one, or above it. */
function holds(folder: string, other: string): boolean {
  const above = resolve(folder)
  return `${resolve(other)}${sep}`.startsWith(above === sep ? sep : `${above}${sep}`)
}
