import { acquireLock, extendLock, lock, lockStats, releaseLock } from '../lock.ts'
import { pageOf } from '../page.ts'
import { done, route } from './route.ts'

/** Leases on resources, for scripts too (L1, L2). */
export const locks = {
  list: route.route({ method: 'GET', path: '/locks' }).output(pageOf(lock)),
  /** Answers when the lock is held, or with 409 and its holders where it was not had in time. */
  acquire: route.route({ method: 'POST', path: '/locks', successStatus: 201 }).input(acquireLock).output(lock),
  release: route
    .route({ method: 'DELETE', path: '/locks/{id}', inputStructure: 'detailed' })
    .input(releaseLock)
    .output(done),
  extend: route.route({ method: 'POST', path: '/locks/{id}/extend' }).input(extendLock).output(lock),
  stats: route.route({ method: 'GET', path: '/locks/stats' }).output(lockStats),
}
