import { type FileHandle, open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Project } from '#contract/project.ts'
import type { Api } from '../baton-client.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson, say } from './output.ts'
import { printable } from './printable.ts'
import { withClient } from './session.ts'

/** `baton import FILE`: makes a project of an archive, or nothing (D3). Nothing of it begins by itself. */
export async function importProject(path: string, flags: { json?: boolean }): Promise<ExitCode> {
  const file = await opened(resolve(path))
  try {
    return await withClient({}, async ({ api }) => {
      const project = await send(api, file)
      if (flags.json) printJson(project)
      else {
        print(`${project.id}  ${printable(project.name)}  ${project.state.replaceAll('_', ' ')}`)
        print(`Its files are in ${project.workspace}`)
        if (project.reason !== '') say(project.reason)
        if (project.state === 'paused') say(`Go on with: baton resume ${project.id}`)
      }
      return EXIT.done
    })
  } finally {
    await file.close()
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r')
    if ((await file.stat()).isFile()) return file
    await file.close()
  } catch (fault) {
    throw notRead(path, (fault as Error).message)
  }
  throw notRead(path, 'it is not a file')
}

function notRead(path: string, why: string): CommandFault {
  return new CommandFault(`${path} cannot be read: ${why}. Name the file that baton export wrote.`, EXIT.usage)
}

async function send(api: Api, file: FileHandle): Promise<Project> {
  if (process.stderr.isTTY) say('Checking the archive …')
  const { size } = await file.stat()
  if (size === 0) throw new CommandFault('Nothing was imported: the file is empty.', EXIT.usage)
  const { id, chunk_bytes } = await api.archives.begin({ bytes: size })
  for (let offset = 0; offset < size; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunk_bytes), 0, chunk_bytes, offset)
    if (bytesRead === 0) {
      await api.archives.abandon({ id })
      throw new CommandFault('Nothing was imported: the file became shorter while it was read.', EXIT.failed)
    }
    await api.archives.append({ id, offset, data: buffer.toString('base64', 0, bytesRead) })
    offset += bytesRead
  }
  return api.archives.finish({ id })
}
