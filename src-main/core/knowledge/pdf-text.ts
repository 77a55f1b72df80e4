import { err, type Result } from '#contract/result.ts'
import { createQuestionThread } from '../thread/question-thread.ts'

/** The text, or why there is none. */
export type PdfOperations = { text: { readonly given: Uint8Array; readonly answer: Result<string, string> } }

export const MAX_PDF_CHARACTERS = 2_000_000
const DEADLINE_MS = 30_000
const HEAP_MB = 512

/** In the sources the thread is TypeScript too; the build makes it an entry of its own. */
const PROGRAM = new URL(
  import.meta.url.endsWith('.ts') ? './pdf-text-worker.ts' : './pdf-text-worker.js',
  import.meta.url,
)

export function isPdf(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 1_024)).includes('%PDF-')
}

/**
 * The text of a PDF with a line `[Page n]` before each page, read in a thread of its own, because a PDF can take any time and
 * memory; both are bounded. The error says why there is none.
 */
export async function pdfText(bytes: Uint8Array): Promise<Result<string, string>> {
  const thread = createQuestionThread<PdfOperations>(PROGRAM, null, HEAP_MB)
  try {
    const read = await thread.ask('text', bytes, { deadline_ms: DEADLINE_MS })
    if (read.ok) return read.value
    const { kind, message } = read.error
    return err(
      kind === 'out_of_time'
        ? `It took longer than ${DEADLINE_MS / 1_000} s to read.`
        : `It cannot be read (${message}).`,
    )
  } finally {
    await thread.close()
  }
}
