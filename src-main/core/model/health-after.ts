import type { ModelFault } from './fault.ts'
import type { ProviderHealth } from './provider.ts'

/** How a paid provider is that answered a look at it with this fault. */
export function healthAfter(fault: ModelFault): ProviderHealth {
  const isBusy = fault.kind === 'rate_limit' || fault.kind === 'overloaded'
  const may_heal = fault.kind === 'timeout' || fault.kind === 'unavailable'
  return { state: isBusy ? 'degraded' : 'down', detail: fault.message, models: [], may_heal }
}
