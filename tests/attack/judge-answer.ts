import { dirname, join } from 'node:path'
import { z } from 'zod'

const root = dirname(join(import.meta.dirname, '..'))

/** The shape of A3, with nothing beside it. */
const strictError = z.strictObject({
  error: z.strictObject({
    code: z.string().regex(/^[A-Z_]+$/),
    message: z.string().min(1),
    details: z.unknown().optional(),
    correlation_id: z.string().min(1),
  }),
})

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** What tells of the inside: frames of a stack, our sources, libraries, the database's own words. */
const INSIDES = [/\bat \S+ \(.*:\d+:\d+\)/, /node_modules/, /\.[cm]?[jt]s:\d+/, /SQLITE_|SqliteError/, /"stack"/]

/** A folder that whoever may see the project is told of in any case. */
const WORKSPACE = /[^\s"']*\/workspaces\/prj_/g

/** What is wrong with an answer, whatever was asked; null where nothing is. `secrets`: what no refusal may hold. */
export function faultOf({ status, body, headers }: Answer, secrets: readonly string[] = []): string | null {
  if (status >= 500 && status !== 503) return `answered ${status}`
  if (status < 400) return null
  const type = String(headers['content-type'])
  if (!type.startsWith('application/json')) return `${status} is of type ${type}, not the one shape`
  const read = strictError.safeParse(parsed(body))
  if (!read.success) return `${status} has not the one shape: ${read.error.message}`
  // Absent services and full disks are no faults; they have a code of their own.
  if (status === 503 && read.data.error.code !== 'UNAVAILABLE') return `answered 503 as ${read.data.error.code}`
  const told = INSIDES.find((pattern) => pattern.test(body))
  if (told !== undefined) return `${status} tells of the inside: ${told}`
  const secret = [...secrets, root].find((text) => body.replaceAll(WORKSPACE, '').includes(text))
  return secret === undefined ? null : `${status} holds ${secret}`
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
