import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { fileRules } from '../workspace/file-rules.ts'
import { type FilesToRead, openFolderToRead } from '../workspace/local-workspace.ts'
import type { SourceToRead } from './index-operations.ts'
import type { FoundFile, KnowledgeWriter } from './knowledge-writer.ts'
import { mediaOf, readDocument } from './read-document.ts'

/** Files of one source. */
const MAX_FILES = 50_000
export const MAX_FILE_BYTES = 64_000_000

/** Left out: what programs bring along, and folders that their owner hides. */
function isMeant(path: string): boolean {
  return !path
    .split('/')
    .some((part, index, parts) => part === 'node_modules' || (part.startsWith('.') && index < parts.length - 1))
}

/** What is there of a source now: no links, no forbidden names, nothing outside of its folder. */
export async function scanSource(
  source: SourceToRead,
): Promise<{ ok: true; files: FoundFile[]; truncated: boolean } | { ok: false; problem: string }> {
  const opened = await openSource(source)
  if (!opened.ok) return opened
  if (source.only !== null) return lookAt(opened.workspace, source.only)
  const listed = await opened.workspace.list('', MAX_FILES)
  if (!listed.ok) return { ok: false, problem: listed.error.message }
  const { files, truncated } = listed.value
  return { ok: true, files: files.filter(({ path }) => isMeant(path)), truncated }
}

/** One file, without a walk through the folder that it lies in. */
async function lookAt(workspace: FilesToRead, path: string): ReturnType<typeof scanSource> {
  const files: FoundFile[] = []
  const looked = await workspace.stream(path, async ({ bytes, modified_ms }) => {
    files.push({ path, bytes, modified_ms })
  })
  return looked.ok ? { ok: true, files, truncated: false } : { ok: false, problem: looked.error.message }
}

async function openSource({
  root,
}: SourceToRead): Promise<{ ok: true; workspace: FilesToRead } | { ok: false; problem: string }> {
  const opened = await openFolderToRead(root, fileRules.parse({}))
  return opened.ok ? { ok: true, workspace: opened.value } : { ok: false, problem: opened.error.message }
}

/** Reads one file into the database; what cannot be read is noted with the reason. */
export async function readSourceFile(writer: KnowledgeWriter, source: SourceToRead, file: FoundFile): Promise<void> {
  const problem = await read(writer, source, file)
  if (problem !== null) writer.putProblem(source.source_id, file, problem)
}

async function read(writer: KnowledgeWriter, source: SourceToRead, file: FoundFile): Promise<string | null> {
  if (file.bytes > MAX_FILE_BYTES) return `It has ${file.bytes} bytes, more than ${MAX_FILE_BYTES}. Split it.`
  const opened = await openSource(source)
  if (!opened.ok) return opened.problem
  const bytes = await opened.workspace.read(file.path, MAX_FILE_BYTES)
  if (!bytes.ok) return bytes.error.message
  const name = source.called ?? basename(file.path)
  const sha256 = createHash('sha256').update(bytes.value).digest('hex')
  const isPdf = Buffer.from(bytes.value.subarray(0, 1_024)).includes('%PDF-')
  const media = isPdf ? 'pdf' : mediaOf(name)
  if (writer.link(source.source_id, source.scope, file, sha256, media)) return null
  const reading = await readDocument(name, bytes.value)
  if (!reading.ok) return reading.error
  writer.put(source.source_id, source.scope, file, sha256, reading.value)
  return null
}
