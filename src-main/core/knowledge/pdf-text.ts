import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'

const answer = z.strictObject({ text: z.string().nullable(), problem: z.string() })
export type PdfAnswer = z.infer<typeof answer>

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
  // The host's flags are not meant for it.
  const worker = new Worker(PROGRAM, {
    workerData: new Uint8Array(bytes),
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  try {
    const [message] = await once(worker, 'message', { signal: AbortSignal.timeout(DEADLINE_MS) })
    const { text, problem } = answer.parse(message)
    return text === null ? err(problem) : ok(text)
  } catch (fault) {
    const { name, message } = fault as Error
    return err(
      name === 'AbortError'
        ? `It took longer than ${DEADLINE_MS / 1_000} s to read.`
        : `It cannot be read (${message}).`,
    )
  } finally {
    await worker.terminate()
  }
}
