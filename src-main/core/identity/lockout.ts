/** Wrong passwords that an account takes before it has to wait. */
const FREE_FAILURES = 5
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 15 * 60_000
/** After so long without a failure an account begins anew. */
const FORGET_MS = 60 * 60_000
/** Accounts that are remembered at most; those that failed longest ago go first. */
const MAX_ACCOUNTS = 10_000

interface Failures {
  count: number
  last: number
  until: number
}

/**
 * Slows guessing of passwords down (S5): after five wrong ones an account has to wait, twice as long with each more, up to
 * a quarter of an hour. The owner of the data folder has no password, so nobody can lock them out. In memory: a restart
 * needs access to the machine. `now` in ms.
 */
export interface Lockout {
  /** For how long (ms) `account` takes no password; 0 where it does. */
  waits(account: string): number
  failed(account: string): void
  succeeded(account: string): void
}

export function createLockout(now: () => number = Date.now): Lockout {
  const accounts = new Map<string, Failures>()

  return {
    waits: (account) => Math.max(0, (accounts.get(account)?.until ?? 0) - now()),
    failed(account) {
      const known = accounts.get(account)
      const count = known === undefined || now() - known.last > FORGET_MS ? 1 : known.count + 1
      const over = count - FREE_FAILURES
      const wait = over < 0 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** over, LONGEST_WAIT_MS)
      // Anew, so that the order of the map is the order of the failures.
      accounts.delete(account)
      accounts.set(account, { count, last: now(), until: now() + wait })
      const oldest = accounts.keys().next()
      if (accounts.size > MAX_ACCOUNTS && oldest.value !== undefined) accounts.delete(oldest.value)
    },
    succeeded(account) {
      accounts.delete(account)
    },
  }
}
