import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import { isPassing } from '../finder.ts'

/** A graphics card as its driver numbers it, with its memory in bytes. */
export interface GraphicsCard {
  readonly index: number
  readonly name: string
  readonly total_bytes: number
  readonly free_bytes: number
}

/** The machine's cards; null where no tool tells of them. */
export type ReadCards = () => Promise<readonly GraphicsCard[] | null>

const PATIENCE_MS = 2_000
const MIB = 1_048_576
const QUERY = ['--query-gpu=index,name,memory.total,memory.free', '--format=csv,noheader,nounits']

/** Memory is in MiB; `[N/A]` stands for it on cards that share main memory, and then nothing is known of any. */
const line = z.lazy(() =>
  z.tuple([z.coerce.number().int().min(0), z.string(), z.coerce.number().positive(), z.coerce.number().nonnegative()]),
)

/**
 * Asks `nvidia-smi`, found in `path`. Where it is missing or knows no card it is not started again. It only reads and ends by
 * itself or after 2 s, so it needs no record as a child.
 */
export function nvidiaCards(path: string): ReadCards {
  let isMissing = path === ''
  return async () => {
    if (isMissing) return null
    try {
      const { stdout } = await promisify(execFile)('nvidia-smi', QUERY, { timeout: PATIENCE_MS, env: { PATH: path } })
      return parseCards(stdout)
    } catch (cause) {
      // No NVIDIA card here, which is no fault. One that was only slow, or could not be asked then, is asked again.
      const slow = cause instanceof Error && 'killed' in cause && cause.killed === true
      isMissing = !slow && !isPassing(cause)
      return null
    }
  }
}

/** One line per card. Null where a line is not as documented, or none is there. */
export function parseCards(text: string): GraphicsCard[] | null {
  const rows = text
    .split('\n')
    .filter((row) => row.trim() !== '')
    .map((row) => line.safeParse(row.split(',').map((cell) => cell.trim())))
  if (rows.length === 0) return null
  const cards = rows.flatMap((row) => {
    if (!row.success) return []
    const [index, name, total, free] = row.data
    return [{ index, name, total_bytes: total * MIB, free_bytes: free * MIB }]
  })
  return cards.length === rows.length ? cards : null
}

/**
 * Free memory of some of the cards together, in bytes; null where nothing tells, or one of them is not there. `indexes`
 * gives null for all cards: Ollama spreads a model over them.
 */
export function freeOn(read: ReadCards, indexes: () => readonly number[] | null): () => Promise<number | null> {
  return async () => {
    const all = await read()
    if (all === null) return null
    const wanted = indexes() ?? all.map(({ index }) => index)
    const cards = all.filter(({ index }) => wanted.includes(index))
    return cards.length < wanted.length ? null : cards.reduce((sum, card) => sum + card.free_bytes, 0)
  }
}
