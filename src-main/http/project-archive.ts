import { Readable } from 'node:stream'
import type { Context } from 'hono'
import type { Core } from '#core/core.ts'
import { attachmentNamed } from './project-file.ts'
import { errorResponse, refusalResponse } from './wire-error.ts'

/** Where an archive is sent to; its body may be as large as an archive. */
export const IMPORT_PATH = '/api/projects/import'

/** A whole project as one file (D3). Nothing is sent before all of it is made, so what arrives whole is whole. */
export async function exportArchive(core: Core, projectId: string): Promise<Response> {
  const made = await core.archives.download(projectId)
  if (!made.ok) return refusalResponse(made.error)
  const { name, bytes, content } = made.value
  return new Response(Readable.toWeb(content) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': 'application/gzip',
      'content-length': String(bytes),
      'content-disposition': attachmentNamed(name),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  })
}

/** Makes a project of the archive in the body, which is read as it comes. */
export async function importArchive(context: Context, core: Core): Promise<Response> {
  const { body } = context.req.raw
  if (body === null) return errorResponse('BAD_REQUEST', 'Nothing was imported: send an exported project as the body.')
  const made = await core.archives.import(body as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>)
  if (!made.ok) {
    const answer = refusalResponse(made.error)
    // What is left of the body is read by nobody.
    answer.headers.set('connection', 'close')
    return answer
  }
  return context.json(made.value, 201)
}
