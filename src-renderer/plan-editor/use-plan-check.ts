import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Plan, PlanDocument, PlanEstimate, PlanProblem } from '#contract/plan.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { same } from './plan-history.ts'

/** Typing is not checked letter by letter. */
const PAUSE_MS = 350

export type PlanCheck = {
  problems: readonly PlanProblem[]
  /** Null where the plan as it stands cannot be estimated. */
  estimate: PlanEstimate | null
  /** Baton has not yet answered for what the plan says now. */
  isPending: boolean
  error: unknown
}

/** What is wrong in the edited plan and what it would cost, as Baton sees it, a moment after the last edit. */
export function usePlanCheck(plan: Plan, document: PlanDocument): PlanCheck {
  const client = useClient()
  const settled = useSettled(document)
  const isStored = same(settled, plan.document)
  const check = useQuery({
    queryKey: keys.planCheck(plan.id, JSON.stringify(settled)),
    queryFn: () => client.plans.check({ id: plan.id, document: settled }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
  return {
    problems: check.data?.problems ?? [],
    estimate: check.data?.estimate ?? (isStored || check.data === undefined ? plan.estimate : null),
    isPending: settled !== document || check.isPlaceholderData || check.isPending,
    error: check.error,
  }
}

function useSettled(document: PlanDocument): PlanDocument {
  const [settled, setSettled] = useState(document)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(document), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [document])
  return settled
}
