import { CoreGone } from '../baton-client.ts'
import type { Session } from './session.ts'

/** Looks whether Baton can write (D4), and says so where that has changed since the last look. */
export function createDiskNote(session: Session, say: (text: string) => void): () => void {
  let told: string | null = null

  async function look(): Promise<void> {
    const { storage } = await session.client.api.system.status()
    const now = storage?.message ?? null
    if (now === told) return
    told = now
    say(now ?? 'The disk takes changes again; work goes on.')
  }

  return () => {
    look().catch((fault: unknown) => {
      // Whoever follows the project meets that too, and goes on elsewhere.
      if (!(fault instanceof CoreGone)) say(`Whether the disk is well could not be asked: ${String(fault)}`)
    })
  }
}
