import { troubleOf } from '../store/trouble.ts'
import type { Caller } from './caller.ts'

/** The longest that a timer of Node can be set to is about 24 days; who waits longer looks once a day. */
const LONGEST_MS = 24 * 60 * 60_000
/** After how long it is looked again where the disk did not let anybody look. */
const AGAIN_MS = 1_000

/** Tells whoever does something lasting for a caller when to look again what that caller may do. */
export interface RightsWatch {
  /** `look` is called when rights may have changed, and when the caller's login expires. Answers how to stop it. */
  watch(caller: Caller, look: () => void): () => void
  /** Some login, token or user is not what it was, and that is committed. */
  changed(): void
}

/**
 * `endsAt`: when a caller's login expires by itself, in ms since 1970; null where it does not. Both it and what is watched
 * read the disk: where that fails (D4), `report` is told, and it is looked again until it can be said who may what.
 */
export function createRightsWatch(
  endsAt: (caller: Caller) => number | null,
  report: (cause: unknown) => void,
): RightsWatch {
  const looks = new Set<() => void>()
  return {
    watch(caller, look) {
      // The owner of the data folder is always let in.
      if (caller.session === null && caller.token === null) return () => undefined
      let timer: NodeJS.Timeout | undefined
      // A function of its own: the same `look` may watch twice.
      const one = (): void => attempt(look)
      const attempt = (step: () => void): void => {
        try {
          step()
        } catch (cause) {
          if (troubleOf(cause) === null) throw cause
          report(cause)
          clearTimeout(timer)
          timer = setTimeout(onTime, AGAIN_MS).unref()
        }
      }
      const arm = (end: number | null): void => {
        if (end === null) return
        const left = Math.max(0, end - Date.now()) + 1
        timer = setTimeout(onTime, Math.min(left, LONGEST_MS)).unref()
      }
      const onTime = (): void =>
        attempt(() => {
          look()
          const end = looks.has(one) ? endsAt(caller) : null
          if (end !== null && end > Date.now()) arm(end)
        })
      looks.add(one)
      attempt(() => arm(endsAt(caller)))
      return () => {
        looks.delete(one)
        clearTimeout(timer)
      }
    },
    changed() {
      for (const look of [...looks]) look()
    },
  }
}
