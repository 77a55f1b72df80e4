import { z } from 'zod'
import { OllamaFormatError, OllamaStreamError } from './ollama-fault.ts'

const errorLine = z.object({ error: z.string() })

/**
 * Checks a stream of NDJSON while it passes, however it is split. The npm package `ollama` prints a broken line and goes
 * on without it, so a hole in an answer would pass unseen; this throws instead, as it does for a line that reports an
 * error. `end` takes a last line that no newline ends.
 */
export function ndjsonCheck(): { take(chunk: Uint8Array): void; end(): void } {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''

  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
    } catch (cause) {
      throw new OllamaFormatError('the text is not UTF-8', { cause })
    }
  }
  const checkLine = (line: string) => {
    if (line.trim() === '') throw new OllamaFormatError('a line is empty')
    const failed = errorLine.safeParse(parse(line))
    if (failed.success) throw new OllamaStreamError(failed.data.error)
  }
  return {
    take(chunk) {
      const lines = (rest + decode(chunk)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) checkLine(line)
    },
    end() {
      rest += decode()
      if (rest === '') return
      try {
        JSON.parse(rest)
      } catch (cause) {
        throw new Error('the last line is cut', { cause })
      }
      checkLine(rest)
    },
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new OllamaFormatError('a line is not JSON', { cause })
  }
}
