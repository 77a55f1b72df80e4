import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { extract, type Header, pack } from 'tar-stream'
import { z } from 'zod'

/** One entry of an exported project. A test changes it as a forger would. */
export interface Part {
  header: Partial<Header> & Pick<Header, 'name'>
  content: Buffer
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

export async function partsOf(archive: Buffer): Promise<Part[]> {
  const tar = extract()
  tar.end(gunzipSync(archive))
  const parts: Part[] = []
  for await (const entry of tar) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    parts.push({ header: { ...entry.header }, content: Buffer.concat(chunks) })
  }
  return parts
}

/** An archive of these parts. With `seal`, its list of hashes is made to fit, as a forger would. */
export async function archiveOf(parts: readonly Part[], seal = true): Promise<Buffer> {
  const tar = pack()
  const add = (header: Part['header'], content: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      const sized = { ...header, size: content.byteLength }
      tar.entry(sized, content, (fault) => (fault ? reject(fault) : resolve()))
    })
  const all = buffer(tar as unknown as AsyncIterable<Buffer>)
  for (const { header, content } of parts) {
    const isList = header.name === 'manifest.json'
    const listed = parts.filter((part) => part.header.name !== 'manifest.json')
    const entries = listed.map((part) => ({
      ...{ path: part.header.name, bytes: part.content.byteLength },
      sha256: sha256(part.content),
    }))
    await add(header, isList && seal ? Buffer.from(JSON.stringify({ entries })) : content)
  }
  tar.finalize()
  return gzipSync(await all)
}

const row = z.record(z.string(), z.unknown())
export type Row = z.infer<typeof row>

/** The archive with the rows of one table changed. */
export async function withRows(archive: Buffer, table: string, change: (rows: Row[]) => Row[]): Promise<Buffer> {
  const parts = await partsOf(archive)
  const part = parts.find(({ header }) => header.name === `rows/${table}.jsonl`)
  if (part === undefined) throw new Error(`The archive has no rows of ${table}`)
  const lines = part.content.toString().trimEnd().split('\n')
  const changed = change(lines.map((line) => row.parse(JSON.parse(line))))
  part.content = Buffer.from(changed.map((each) => `${JSON.stringify(each)}\n`).join(''))
  return archiveOf(parts)
}

/** With one part added, changed or taken away. */
export async function withParts(archive: Buffer, change: (parts: Part[]) => Part[] | undefined): Promise<Buffer> {
  const parts = await partsOf(archive)
  const changed = change(parts) ?? parts
  const list = changed.filter(({ header }) => header.name === 'manifest.json')
  return archiveOf([...changed.filter(({ header }) => header.name !== 'manifest.json'), ...list])
}
