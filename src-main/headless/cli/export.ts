import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Api } from '../baton-client.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { formatBytes } from './format.ts'
import { print, printJson, say } from './output.ts'
import { printable } from './printable.ts'
import { withClient } from './session.ts'

export interface ExportFlags {
  readonly out?: string
  readonly force?: boolean
  readonly json?: boolean
}

/** `baton export PROJECT [--out FILE]`: a whole project as one file (D3). */
export function exportProject(projectId: string, flags: ExportFlags): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const project = await api.projects.get({ id: projectId })
    if (process.stderr.isTTY) say('Making the archive …')
    const made = await api.archives.export({ project_id: projectId })
    try {
      const path = await placeFor(flags, made.name)
      await keep(api, made.id, path)
      if (flags.json) printJson({ project_id: projectId, path, bytes: made.bytes })
      else print(`${printable(path)}  ${formatBytes(made.bytes)}`)
      if (['planning', 'executing', 'waiting'].includes(project.state)) {
        say('The project was at work: the file holds it as it was at this moment, and an import shows it as paused.')
      }
      return EXIT.done
    } finally {
      await api.archives.discard({ id: made.id })
    }
  })
}

/** `--out` names the file or a folder for it; without it, the file gets its own name in the current folder. */
async function placeFor({ out, force }: ExportFlags, name: string): Promise<string> {
  const given = resolve(out ?? '.')
  const at = await stat(given).catch(() => null)
  const path = at?.isDirectory() ? join(given, name) : given
  const there = at?.isDirectory() ? await stat(path).catch(() => null) : at
  if (there !== null && force !== true) {
    throw new CommandFault(
      `${path} is there already, so nothing was written. Name another with --out, or add --force.`,
      EXIT.usage,
    )
  }
  return path
}

/** Under another name until it is whole, so that half an archive is never taken for one. */
async function keep(api: Api, id: string, path: string): Promise<void> {
  const draft = join(dirname(path), `.baton-export-${randomUUID()}`)
  try {
    await pipeline(Readable.from(pieces(api, id)), createWriteStream(draft, { mode: 0o600, flags: 'wx', flush: true }))
    await rename(draft, path)
  } catch (fault) {
    await rm(draft, { force: true })
    if (!(fault instanceof Error && 'syscall' in fault)) throw fault
    throw notWritten(path, fault)
  }
}

async function* pieces(api: Api, id: string): AsyncGenerator<Buffer> {
  for (let offset: number | null = 0; offset !== null; ) {
    const piece: { data: string; next_offset: number | null } = await api.archives.read({ id, offset })
    yield Buffer.from(piece.data, 'base64')
    offset = piece.next_offset
  }
}

function notWritten(path: string, fault: Error): CommandFault {
  return new CommandFault(`${path} could not be written: ${fault.message}. Name another place with --out.`, EXIT.failed)
}
