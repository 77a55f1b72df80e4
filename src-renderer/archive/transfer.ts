import type { Project } from '#contract/project.ts'
import type { Client } from '../client/client.ts'

/** How much of an archive has gone over, from 0 to 1; null while Baton makes or checks it. */
export type TellProgress = (fraction: number | null) => void

/**
 * Has a project made into one file and fetches it. The pieces are blobs, which the browser keeps on the disk where they are
 * large, so the whole is never in this page's memory.
 */
export async function fetchArchive(
  client: Client,
  projectId: string,
  tell: TellProgress,
  signal: AbortSignal,
): Promise<{ name: string; content: Blob }> {
  tell(null)
  const { id, name, bytes } = await client.archives.export({ project_id: projectId })
  try {
    const pieces: Blob[] = []
    for (let offset: number | null = 0; offset !== null; ) {
      signal.throwIfAborted()
      tell(offset / bytes)
      const piece: { data: string; next_offset: number | null } = await client.archives.read({ id, offset })
      pieces.push(new Blob([bytesOf(piece.data)]))
      offset = piece.next_offset
    }
    return { name, content: new Blob(pieces, { type: 'application/gzip' }) }
  } finally {
    await client.archives.discard({ id })
  }
}

/** Sends a file that an export wrote and has a project made of it. */
export async function sendArchive(
  client: Client,
  file: Blob,
  tell: TellProgress,
  signal: AbortSignal,
): Promise<Project> {
  const { id, chunk_bytes } = await client.archives.begin({ bytes: file.size })
  try {
    for (let offset = 0; offset < file.size; offset += chunk_bytes) {
      signal.throwIfAborted()
      tell(offset / file.size)
      await client.archives.append({ id, offset, data: await base64Of(file.slice(offset, offset + chunk_bytes)) })
    }
    signal.throwIfAborted()
  } catch (fault) {
    // What went wrong is told; that there is nothing left to give up says nothing new.
    await client.archives.abandon({ id }).catch(() => undefined)
    throw fault
  }
  tell(null)
  return client.archives.finish({ id })
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at)
  return bytes
}

function base64Of(piece: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    // A data address: everything behind the comma.
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () =>
      reject(new Error('The file cannot be read. Was it moved or changed?', { cause: reader.error }))
    reader.readAsDataURL(piece)
  })
}
