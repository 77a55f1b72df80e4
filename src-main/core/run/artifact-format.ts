import { posix } from 'node:path'

const TEXT = new Set([
  '.txt',
  '.md',
  '.markdown',
  '.json',
  '.jsonl',
  '.ndjson',
  '.yaml',
  '.yml',
  '.csv',
  '.tsv',
  '.html',
  '.htm',
  '.svg',
  '.xml',
  '.css',
  '.js',
  '.mjs',
  '.cjs',
  '.jsx',
  '.ts',
  '.tsx',
  '.py',
  '.rb',
  '.go',
  '.rs',
  '.java',
  '.c',
  '.h',
  '.cpp',
  '.sh',
  '.sql',
  '.toml',
  '.ini',
  '.tex',
  '.rst',
])

type TextCheck = (text: string) => string | null | Promise<string | null>

const TEXT_CHECKS: Readonly<Record<string, TextCheck>> = {
  '.json': jsonFault,
  '.jsonl': jsonLinesFault,
  '.ndjson': jsonLinesFault,
  '.yaml': yamlFault,
  '.yml': yamlFault,
  '.csv': (text) => tableFault(text, null),
  '.tsv': (text) => tableFault(text, '\t'),
  '.html': htmlFault,
  '.htm': htmlFault,
  '.svg': svgFault,
  '.xml': xmlFault,
}

type BinaryCheck = (bytes: Buffer) => boolean

const BINARY_CHECKS: Readonly<Record<string, BinaryCheck>> = {
  '.png': (bytes) => startsWith(bytes, '89504e470d0a1a0a'),
  '.jpg': (bytes) => startsWith(bytes, 'ffd8ff'),
  '.jpeg': (bytes) => startsWith(bytes, 'ffd8ff'),
  '.gif': (bytes) => /^GIF8[79]a/.test(bytes.toString('latin1', 0, 6)),
  '.webp': (bytes) => /^RIFF[\s\S]{4}WEBP$/.test(bytes.toString('latin1', 0, 12)),
  // Readers look for the mark in the first kilobyte.
  '.pdf': (bytes) => bytes.toString('latin1', 0, 1_024).includes('%PDF-'),
}

function startsWith(bytes: Buffer, hex: string): boolean {
  return bytes.toString('hex', 0, hex.length / 2) === hex
}

/**
 * Why the content of a file does not fit its extension, as the rest of a sentence that begins with the file; null where
 * it fits, or where nothing is known of the extension.
 */
export async function formatFault(path: string, content: Uint8Array): Promise<string | null> {
  const extension = posix.extname(path).toLowerCase()
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const binary = BINARY_CHECKS[extension]
  if (binary !== undefined) {
    return binary(bytes)
      ? null
      : `is not a ${extension.slice(1).toUpperCase()} file: its first bytes are others. Make it anew.`
  }
  if (!TEXT.has(extension)) return null
  const text = decode(bytes)
  if (text === null) return 'is not valid UTF-8 text. Write it as UTF-8.'
  if (text.trim() === '') return 'has nothing but white space. Write its content.'
  return TEXT_CHECKS[extension]?.(text) ?? null
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function jsonFault(text: string): string | null {
  try {
    JSON.parse(text)
    return null
  } catch (error) {
    return `is not valid JSON: ${reason(error)}. Correct it.`
  }
}

function jsonLinesFault(text: string): string | null {
  for (const [index, line] of text.split('\n').entries()) {
    const fault = line.trim() === '' ? null : jsonFault(line)
    if (fault !== null) return `${fault} (line ${index + 1})`
  }
  return null
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
}

async function yamlFault(text: string): Promise<string | null> {
  // A large library that most starts never need.
  const { parseAllDocuments } = await import('yaml')
  const documents = parseAllDocuments(text)
  const error = Array.isArray(documents) ? documents.flatMap((document) => document.errors)[0] : undefined
  return error === undefined ? null : `is not valid YAML: ${error.message.split('\n', 1)[0] ?? ''} Correct it.`
}

/** Rows have as many columns as the first. Quotes at the start of a field, also around line breaks, are understood. */
function tableFault(text: string, given: string | null): string | null {
  const delimiter = given ?? delimiterOf(text.split('\n', 1)[0] ?? '')
  const widths: number[] = []
  let columns = 1
  let fieldStart = 0
  let isQuoted = false
  let isEmpty = true
  for (let at = 0; at <= text.length; at += 1) {
    const sign = text[at] ?? '\n'
    if (isQuoted) {
      if (at === text.length) return 'has a quote that does not end. Close it.'
      if (sign !== '"') continue
      if (text[at + 1] === '"') at += 1
      else isQuoted = false
    } else if (sign === '\n') {
      if (!isEmpty) widths.push(columns)
      columns = 1
      isEmpty = true
      fieldStart = at + 1
    } else if (sign === delimiter) {
      columns += 1
      isEmpty = false
      fieldStart = at + 1
    } else {
      if (sign === '"' && at === fieldStart) isQuoted = true
      if (sign !== '\r') isEmpty = false
    }
  }
  const expected = widths[0]
  const wrong = widths.findIndex((width) => width !== expected)
  if (wrong === -1) return null
  return `has ${widths[wrong]} columns in row ${wrong + 1} but ${expected} in row 1. Give every row the same columns.`
}

function delimiterOf(head: string): string {
  return [',', ';', '\t'].reduce((best, sign) => (count(head, sign) > count(head, best) ? sign : best))
}

function count(text: string, sign: string): number {
  return text.split(sign).length - 1
}

function htmlFault(text: string): string | null {
  return /<[a-z!][^<>]*>/i.test(text) ? null : 'has no HTML tag. Write it as HTML.'
}

function svgFault(text: string): string | null {
  if (!/<svg[\s>]/.test(text)) return 'has no <svg> element. Write it as SVG.'
  return xmlFault(text)
}

/** Not a parser: sees that it begins and ends as markup, which a cut or a wrapped file does not. */
function xmlFault(text: string): string | null {
  const trimmed = text.trim()
  if (!trimmed.startsWith('<') || !trimmed.endsWith('>'))
    return 'does not begin and end with a tag. Write only the markup.'
  const root = /<([A-Za-z_][\w:.-]*)[\s/>]/.exec(trimmed)
  if (root === null) return 'has no element. Write it as XML.'
  const name = root[1] ?? ''
  const isOneTag = trimmed.endsWith('/>') && trimmed.lastIndexOf('<') === root.index
  const isClosed = isOneTag || trimmed.includes(`</${name}`)
  return isClosed ? null : `does not close its element <${name}>. Write it to the end.`
}
