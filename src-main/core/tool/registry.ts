import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import type { ToolDescription } from '../model/provider.ts'
import type { Tool, ToolContext, ToolRecovery, ToolResult } from './tool.ts'
import { failed } from './tool-result.ts'

/** A call whose tool exists and whose arguments were checked. None of its functions throws or rejects. */
export interface OpenToolCall {
  readonly tool: Tool
  /** The checked arguments. */
  readonly parameters: unknown
  /** Why it can never be made; null where it may be. */
  impossible(hosts: readonly string[]): Promise<string | null>
  /** To be journaled with the call before `execute`. A failed result means: do not execute, answer with it. */
  prepare(context: ToolContext): Promise<Result<Readonly<Record<string, unknown>>, ToolResult>>
  /** `note` is what `prepare` gave. */
  execute(context: ToolContext, note?: Readonly<Record<string, unknown>>): Promise<ToolResult>
  /** After a crash, with the note that `prepare` gave. */
  recover(note: Readonly<Record<string, unknown>>, context: ToolContext): Promise<ToolRecovery>
}

export interface ToolRegistry {
  /** The named tools for a model, in this order. Names that no tool has, and tools that are off, are left out. */
  describe(names: readonly string[]): ToolDescription[]
  get(name: string): Tool | undefined
  /** The same with the tools that this project has besides. */
  of(projectId: number): ToolRegistry
  /** Finds the tool and checks the arguments as a model gave them. What is wrong comes back as the model's tool result. */
  open(name: string, given: unknown): Result<OpenToolCall, ToolResult>
}

/** Is told of every bug in a tool; the model only gets a result that says so. */
export type ReportToolBug = (tool: string, error: unknown) => void

/** Two tools of one name are a bug. `extra`: the tools of a project besides these; one that has the name of another is left out. */
export function createToolRegistry(
  tools: readonly Tool[],
  reportBug: ReportToolBug,
  extra: (projectId: number) => readonly Tool[] = () => [],
): ToolRegistry {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  if (byName.size !== tools.length) throw new Error('Two tools have the same name')
  return {
    describe: (names) =>
      names
        .flatMap((name) => byName.get(name) ?? [])
        .filter(isOn)
        .map(descriptionOf),
    get: (name) => byName.get(name),
    of(projectId) {
      const more = extra(projectId).filter(({ name }) => !byName.has(name))
      return more.length === 0 ? this : createToolRegistry([...tools, ...more], reportBug)
    },
    open(name, given) {
      const tool = byName.get(name)
      if (tool === undefined) {
        return err(failed(`There is no tool "${name}". The tools are: ${[...byName.keys()].join(', ')}.`))
      }
      if (!isOn(tool)) return err(failed(tool.unavailable ?? ''))
      const args = fromJsonText(given)
      if (typeof args === 'string') {
        return err(
          failed(
            `The arguments of ${name} are not JSON, so nothing was done. Call it again with a JSON object that fits this schema: ${JSON.stringify(schemaOf(tool))}`,
          ),
        )
      }
      const parsed = tool.parameters.safeParse(args)
      if (!parsed.success) {
        return err(
          failed(
            `The arguments of ${name} are wrong, so nothing was done:\n${z.prettifyError(parsed.error)}\nCall it again with arguments that fit this JSON Schema: ${JSON.stringify(schemaOf(tool))}`,
          ),
        )
      }
      return ok(openCall(tool, parsed.data, reportBug))
    },
  }
}

function isOn({ unavailable = null }: Tool): boolean {
  return unavailable === null
}

function openCall(tool: Tool, parameters: unknown, reportBug: ReportToolBug): OpenToolCall {
  return {
    tool,
    parameters,
    impossible: async (hosts) => (await tool.impossible?.(parameters, hosts)) ?? null,
    async prepare(context) {
      try {
        return ok((await tool.prepare?.(parameters, context)) ?? {})
      } catch (error) {
        reportBug(tool.name, error)
        return err(failed(`${tool.name} was not run because of a bug in it: ${messageOf(error)}. Use another way.`))
      }
    },
    async execute(context, note = {}) {
      if (context.signal.aborted) return failed(`${tool.name} was cancelled before it began, so nothing was done.`)
      try {
        return await tool.execute(parameters, context, note)
      } catch (error) {
        reportBug(tool.name, error)
        return failed(
          `${tool.name} broke off because of a bug in it: ${messageOf(error)}. It may have done a part of its work: check before you go on, and use another way.`,
        )
      }
    },
    async recover(note, context) {
      // Reading again is always safe; anything else needs a tool that can tell.
      if (tool.recover === undefined) {
        return tool.risk === 'read'
          ? { kind: 'redo' }
          : {
              kind: 'unknown',
              reason: `${tool.name} was under way when Baton ended, and cannot tell whether it was done.`,
            }
      }
      try {
        return await tool.recover(parameters, note, context)
      } catch (error) {
        reportBug(tool.name, error)
        return { kind: 'unknown', reason: `${tool.name} could not tell whether it was done: ${messageOf(error)}.` }
      }
    },
  }
}

function descriptionOf(tool: Tool): ToolDescription {
  return { name: tool.name, description: tool.description, parameters: schemaOf(tool) }
}

/** Of each tool's parameters, which never change: every request to a model tells them. */
const schemas = new WeakMap<Tool['parameters'], Readonly<Record<string, unknown>>>()

function schemaOf({ schema, parameters }: Tool): Readonly<Record<string, unknown>> {
  const known = schema ?? schemas.get(parameters)
  if (known !== undefined) return known
  const { $schema: _, ...made } = z.toJSONSchema(parameters, { io: 'input' })
  schemas.set(parameters, made)
  return made
}

/** Some models give the arguments as JSON text, or leave them out where there are none. */
function fromJsonText(given: unknown): unknown {
  if (given === undefined || given === null || given === '') return {}
  if (typeof given !== 'string') return given
  try {
    return JSON.parse(given)
  } catch {
    // Not JSON: the caller says so.
    return given
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
