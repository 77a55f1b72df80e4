import type { Core } from '#core/core.ts'
import { errorResponse, refusalResponse } from './wire-error.ts'

/** A name for Content-Disposition that holds any character (RFC 6266 with RFC 8187). */
export function attachmentNamed(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

/** One file of a workspace to keep, never to be shown or run as a page of this server (S10). */
export async function projectFile(core: Core, projectId: string, path: string): Promise<Response> {
  const file = await core.projects.artifact(projectId, path)
  if (!file.ok) return refusalResponse(file.error)
  if (file.value.text === null || file.value.truncated) {
    return errorResponse(
      'TOO_LARGE',
      `${path} is not a text of at most 1 MB. Open it in the project's workspace folder.`,
    )
  }
  return new Response(file.value.text, {
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': attachmentNamed(path),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'no-store',
    },
  })
}
