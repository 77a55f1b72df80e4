import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import { readTextFile } from './read-attachments.ts'

/** What a project is made from: words to be planned, or a plan that needs no planner (P8). */
export type Source =
  | { readonly kind: 'requirements'; readonly text: string }
  | { readonly kind: 'plan'; readonly document: unknown; readonly title: string }

const PLAN_FILES = new Set(['.yaml', '.yml', '.json'])
const titled = z.object({ title: z.string() })

function readPlanFile(path: string): Result<Source, string> {
  const file = readTextFile(path)
  if (!file.ok) return file
  try {
    // JSON is YAML too.
    const document: unknown = parse(file.value.text)
    return ok({ kind: 'plan', document, title: titled.safeParse(document).data?.title ?? file.value.name })
  } catch (fault) {
    return err(`${path} is no plan: ${(fault as Error).message}. Export a plan to see the form.`)
  }
}

async function readStdin(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk
  return text
}

/** Reads the argument of `baton run`: requirements, `-` for standard input, or the path of a plan. */
export async function readSource(argument: string): Promise<Result<Source, string>> {
  if (PLAN_FILES.has(extname(argument).toLowerCase()) && existsSync(argument)) return readPlanFile(argument)
  const text = argument === '-' ? await readStdin() : argument
  if (text.trim() === '') return err('Say what you want: the requirements are empty.')
  return ok({ kind: 'requirements', text })
}
