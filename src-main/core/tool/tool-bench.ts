import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { DEFAULT_FILE_RULES } from '../workspace/file-rules.ts'
import { openLocalWorkspace } from '../workspace/local-workspace.ts'
import { bareContext } from './bare-context.ts'
import { createToolRegistry, type OpenToolCall } from './registry.ts'
import type { Tool, ToolContext, ToolResult } from './tool.ts'

/** For tests: a workspace in a fresh folder, and the calls of one tool in it, the way a run makes them: through the registry. */
export interface ToolBench {
  readonly root: string
  readonly context: ToolContext
  open(given: unknown): OpenToolCall
  call(given: unknown): Promise<ToolResult>
}

/** `files` are written before the workspace is opened. The folder goes when the test ends. */
export async function toolBench(
  tool: Tool,
  files: Readonly<Record<string, string | Uint8Array>> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<ToolBench> {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'baton-tool-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  const workspace = await openLocalWorkspace(root, DEFAULT_FILE_RULES)
  if (!workspace.ok) throw new Error(workspace.error.message)
  const context = bareContext(workspace.value, signal)
  const registry = createToolRegistry([tool], (name, error) => {
    throw new Error(`bug in ${name}`, { cause: error })
  })
  const open = (given: unknown): OpenToolCall => {
    const opened = registry.open(tool.name, given)
    if (!opened.ok) throw new Error(opened.error.text)
    return opened.value
  }
  return { root, context, open, call: (given) => open(given).execute(context) }
}
