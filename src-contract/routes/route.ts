import { oc } from '@orpc/contract'
import { z } from 'zod'
import { ROUTE_ERRORS } from '../error.ts'
import { jobId, planId, projectId, runId, taskId } from '../ids.ts'

/** Begins each route: with what every one of them may refuse. */
export const route = oc.errors(ROUTE_ERRORS)
/** The answer of what has nothing to tell but that it was done. */
export const done = z.object({ ok: z.literal(true) })
/** The input of routes about one thing. */
export const ofProject = z.strictObject({ id: projectId })
export const ofPlan = z.strictObject({ id: planId })
export const ofTask = z.strictObject({ id: taskId })
export const ofRun = z.strictObject({ id: runId })
export const ofJob = z.strictObject({ id: jobId })
