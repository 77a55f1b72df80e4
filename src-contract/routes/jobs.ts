import { claimAnswer, claimJob, dispatchJob, job, jobDispatched, jobEvent, jobsQuery, reportJob } from '../job.ts'
import { pageOf, pageQuery } from '../page.ts'
import { ofJob, route } from './route.ts'

/** Work that is dispatched from outside, to this core or to workers that claim it. The routes answer at the root, too. */
export const jobs = {
  dispatch: route
    .route({ method: 'POST', path: '/dispatch', successStatus: 201 })
    .input(dispatchJob)
    .output(jobDispatched),
  /** Newest first. */
  list: route.route({ method: 'GET', path: '/jobs' }).input(jobsQuery).output(pageOf(job)),
  get: route.route({ method: 'GET', path: '/jobs/{id}' }).input(ofJob).output(job),
  cancel: route.route({ method: 'POST', path: '/jobs/{id}/cancel' }).input(ofJob).output(job),
  /** A worker takes the next job of its core: 200 with the job, or 204. */
  claim: route
    .route({ method: 'POST', path: '/jobs/claim', outputStructure: 'detailed' })
    .input(claimJob)
    .output(claimAnswer),
  /** A worker keeps its lease, says how it goes, or ends the job; 409 where the job is not its own any more. */
  report: route.route({ method: 'PUT', path: '/jobs/{id}/status' }).input(reportJob).output(job),
  /** What happened to it, oldest first. */
  events: route
    .route({ method: 'GET', path: '/jobs/{id}/events' })
    .input(ofJob.extend(pageQuery))
    .output(pageOf(jobEvent)),
}
