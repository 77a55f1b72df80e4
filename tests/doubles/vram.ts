/** A program that has memory on the card: `ollama:llama3.2`, `comfyui:models`. The part before the colon is its side. */
export type Holder = `${string}:${string}`

export interface CardOptions {
  readonly total_bytes?: number
  /** How long a driver takes to give freed memory back, in ms. */
  readonly release_ms?: number
}

export interface CardRecord {
  /** Loads in the order in which they got their memory. */
  readonly loads: { readonly holder: Holder; readonly bytes: number }[]
  /** How often another side than the one before got memory. */
  swaps: number
  /** Loads that were refused because the card was full. */
  out_of_memory: number
  peak_bytes: number
}

/**
 * One graphics card that several doubles share, so that they compete as real servers do: who finds no room fails, and
 * freed memory comes back late.
 */
export interface Card {
  readonly total_bytes: number
  /** From now on it is this large. */
  grow(bytes: number): void
  readonly record: CardRecord
  used(): number
  usedBy(side: string): number
  /** Takes memory for a holder, beside what it has; false where the card is full. */
  take(holder: Holder, bytes: number): boolean
  /** Gives all of a holder's memory back, after the card's delay. */
  give(holder: Holder): Promise<void>
  isRefusing(side: string): boolean
  /** Whoever unloads now keeps its memory, until this is called with false. */
  setRefusing(side: string, refuses: boolean): void
}

export const GIB = 1_073_741_824

export function createCard({ total_bytes = 12 * GIB, release_ms = 0 }: CardOptions = {}): Card {
  let size = total_bytes
  const held = new Map<Holder, number>()
  const refusing = new Set<string>()
  const record: CardRecord = { loads: [], swaps: 0, out_of_memory: 0, peak_bytes: 0 }
  const used = (): number => [...held.values()].reduce((sum, bytes) => sum + bytes, 0)
  let lastSide: string | null = null

  return {
    get total_bytes() {
      return size
    },
    grow(bytes) {
      size = bytes
    },
    record,
    used,
    usedBy: (side) => [...held].reduce((sum, [holder, bytes]) => (sideOf(holder) === side ? sum + bytes : sum), 0),
    take(holder, bytes) {
      if (used() + bytes > size) {
        record.out_of_memory += 1
        return false
      }
      held.set(holder, (held.get(holder) ?? 0) + bytes)
      record.loads.push({ holder, bytes })
      record.peak_bytes = Math.max(record.peak_bytes, used())
      if (lastSide !== null && lastSide !== sideOf(holder)) record.swaps += 1
      lastSide = sideOf(holder)
      return true
    },
    async give(holder) {
      if (refusing.has(sideOf(holder))) return
      if (release_ms > 0) await new Promise((resolve) => setTimeout(resolve, release_ms))
      held.delete(holder)
    },
    isRefusing: (side) => refusing.has(side),
    setRefusing(side, refuses) {
      if (refuses) refusing.add(side)
      else refusing.delete(side)
    },
  }
}

function sideOf(holder: Holder): string {
  return holder.slice(0, holder.indexOf(':'))
}
