/** What a look for a program came to. */
export interface Finding {
  /** Why it cannot be used and what to do, for a user; null where it can. */
  readonly fault: string | null
  /** It could not even be looked for, for a reason that passes: it may well be there. */
  readonly passing: boolean
}

/** A program of this machine that Baton uses where it is there. */
export interface Finder {
  /** Why it cannot be used, as far as is known; null where it can. */
  readonly unavailable: string | null
  /** Looks, unless it was found: what is missing may have been installed since. */
  look(): Promise<void>
  /** To be called before it is used: looks again where it could not be looked for. */
  needed(): Promise<void>
}

/** `unknown`: why it cannot be used before anybody looked. */
export function createFinder(unknown: string, find: () => Promise<Finding>): Finder {
  let found: Finding = { fault: unknown, passing: false }
  let looking: Promise<void> | null = null

  async function once(): Promise<void> {
    found = await find()
  }

  function look(): Promise<void> {
    if (found.fault === null) return Promise.resolve()
    looking ??= once().finally(() => {
      looking = null
    })
    return looking
  }

  return {
    get unavailable() {
      return found.fault
    },
    look,
    async needed() {
      if (found.passing) await look()
    },
  }
}

/** The system lacks handles, processes or memory for a moment. */
const PASSING: readonly unknown[] = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']
/** The same in the words of other programs. */
const PASSING_WORDS = /Too many open files|Resource temporarily unavailable|Cannot allocate memory|Cannot fork/i

/** Whether a fault says nothing of what was asked for, only that the system had too little for it just then. */
export function isPassing(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  return ('code' in cause && PASSING.includes(cause.code)) || PASSING_WORDS.test(cause.message)
}
