import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { FreeVram } from './ollama-window.ts'

const PATIENCE_MS = 2_000
const MIB = 1_048_576

/**
 * Asks `nvidia-smi`, found in `path`, for the free memory of all cards together, as Ollama spreads a model over them. Null
 * where the tool is missing or fails; then it is not started again. It only reads and ends by itself or after 2 s, so it
 * needs no record as a child.
 */
export function nvidiaFreeVram(path: string): FreeVram {
  let isMissing = path === ''
  return async () => {
    if (isMissing) return null
    try {
      const { stdout } = await promisify(execFile)(
        'nvidia-smi',
        ['--query-gpu=memory.free', '--format=csv,noheader,nounits'],
        { timeout: PATIENCE_MS, env: { PATH: path } },
      )
      return freeBytes(stdout)
    } catch {
      // No NVIDIA card here, which is no fault: the window is then bounded by the model alone.
      isMissing = true
      return null
    }
  }
}

/** One line per card, in MiB. Null where a line is no number, as `[N/A]` of cards that share main memory. */
export function freeBytes(text: string): number | null {
  const cards = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(Number)
  if (cards.length === 0 || cards.some((card) => !Number.isFinite(card))) return null
  return cards.reduce((sum, card) => sum + card, 0) * MIB
}
