import type { Budget, BudgetScope } from '#contract/budget.ts'
import { ok } from '#contract/result.ts'
import type { Core } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import { refuse } from '../refusal.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { AccountState, Ledger } from './ledger.ts'

/** Limits and what is used of them (B1, B3a). `onRaised` is told when a limit changed, so that waiting work asks again. */
export function createBudgetService(
  store: Store,
  events: EventLog,
  settings: SettingsStore,
  ledger: Ledger,
  onRaised: () => void,
): Core['budget'] & { scopes(): Pick<Budget, 'day' | 'month'> } {
  const view = (account: AccountState, label: string): BudgetScope => ({
    scope: account.scope,
    label,
    settled_micros: account.settled_micros,
    reserved_micros: account.reserved_micros,
    unconfirmed_micros: account.unconfirmed_micros,
    limit_micros: account.limit_micros,
  })

  function get(): Budget {
    const now = ledger.scopesNow()
    return {
      limits: settings.budgetLimits(),
      day: view(ledger.account(now.day), 'Today'),
      month: view(ledger.account(now.month), 'This month'),
      global: view(ledger.account(now.global), 'Ever'),
    }
  }

  return {
    get,
    scopes: get,
    async set(change) {
      const fixed = settings.whyFixed('budget', change)
      if (fixed !== null) return refuse('conflict', fixed)
      const given = Object.entries(change).filter(([, value]) => value !== undefined)
      await store.tryWrite((tx) => {
        settings.changeBudgetLimits(tx, Object.fromEntries(given))
        for (const [key, value] of given) {
          events.append(tx, 'budget.changed', {}, { scope: key.replace('_micros', ''), limit_micros: value ?? null })
        }
      })
      onRaised()
      return ok(get())
    },
  }
}
