import type { PlanDocument, PlanEstimate, PlanTask } from '#contract/plan.ts'
import type { ModelCatalog } from '../model/catalog.ts'
import { type PriceTable, priceOf } from '../model/price-table.ts'
import type { Router } from '../model/router.ts'
import type { ProjectRow } from '../store/schema.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import { type EstimateRoute, estimatePlan, type Percentiles, type TaskHistory } from './estimate.ts'

/** What a plan will probably use if it were started now on this machine (P4). */
export type EstimatePlan = (document: PlanDocument, project: ProjectRow) => PlanEstimate

/** Finished tasks that an estimate looks back at, newest first. */
const HISTORY = 200
/** How many it looks through for them at most, so that a long history costs no more than a short one. */
const LOOKED_THROUGH = 2_000

interface Past {
  input_tokens: number
  output_tokens: number
  ms: number
}

export function createEstimatePlan(
  store: Store,
  settings: SettingsStore,
  router: Router,
  catalog: ModelCatalog,
  prices: PriceTable,
): EstimatePlan {
  const past = store.sqlite.prepare<[string, string, number, string, number], Past>(
    `SELECT sum(u.input_tokens + u.cache_write_tokens + u.cache_read_tokens) AS input_tokens,
       sum(u.output_tokens) AS output_tokens, sum(u.latency_ms) AS ms
     FROM (SELECT id, run_id FROM task WHERE state = 'succeeded' AND type = ? AND complexity = ? ORDER BY id DESC LIMIT ?) t
       CROSS JOIN run r ON r.id = t.run_id CROSS JOIN usage_log u ON u.task_id = t.id
     WHERE r.tier = ? AND u.provider <> 'demo'
     GROUP BY t.id ORDER BY t.id DESC LIMIT ?`,
  )

  function historyOf(type: string, complexity: string, tier: string): TaskHistory | null {
    const rows = past.all(type, complexity, LOOKED_THROUGH, tier, HISTORY)
    if (rows.length === 0) return null
    return {
      samples: rows.length,
      input_tokens: percentiles(rows.map((row) => row.input_tokens)),
      output_tokens: percentiles(rows.map((row) => row.output_tokens)),
      ms: percentiles(rows.map((row) => row.ms)),
    }
  }

  function lookup(task: Pick<PlanTask, 'type' | 'complexity' | 'tier'>, project: ProjectRow): EstimateRoute {
    const route = router.route({
      type: task.type,
      complexity: task.complexity,
      tier: task.tier,
      profile: project.profile,
      local_only: project.local_only,
    })
    const profile = route.ok ? route.profile : (catalog.get(project.profile ?? '') ?? null)
    if (profile === null) return { tier: route.tier, profile: null, paid: false, price: null }
    const price = profile.paid ? priceOf(prices, profile.model, Date.now(), 0) : null
    return {
      tier: route.tier,
      profile: profile.name,
      paid: profile.paid,
      // USD per million tokens is micro-dollars per token; the estimate counts per million.
      price:
        price === null
          ? null
          : { input_micros_per_mtok: price.input * 1_000_000, output_micros_per_mtok: price.output * 1_000_000 },
    }
  }

  return (document, project) => {
    // A plan has a thousand tasks at most, but only a few kinds of them.
    const known = new Map<string, TaskHistory | null>()
    const routes = new Map<string, EstimateRoute>()
    return estimatePlan(document, {
      concurrency: Math.min(settings.settings().max_concurrent, settings.settings().max_concurrent_per_project),
      lookup(task) {
        const kind = `${task.type}|${task.complexity}|${task.tier ?? ''}`
        const route = routes.get(kind) ?? lookup(task, project)
        routes.set(kind, route)
        return route
      },
      history(type, complexity, tier) {
        const kind = `${type}|${complexity}|${tier}`
        const history = known.get(kind) ?? (known.has(kind) ? null : historyOf(type, complexity, tier))
        known.set(kind, history)
        return history
      },
    })
  }
}

/** Nearest-rank percentiles. */
function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) }
}
