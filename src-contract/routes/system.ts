import { z } from 'zod'
import { projectId } from '../ids.ts'
import { health, status } from '../service.ts'
import { route } from './route.ts'

/** The whole Baton: how it is, and everything at once. */
export const system = {
  health: route.route({ method: 'GET', path: '/health' }).output(health),
  status: route.route({ method: 'GET', path: '/status' }).output(status),
  pauseAll: route.route({ method: 'POST', path: '/pause' }).output(status),
  resumeAll: route.route({ method: 'POST', path: '/resume' }).output(status),
  /** Cancels every project that is not over; answers with their ids. */
  cancelAll: route.route({ method: 'POST', path: '/cancel' }).output(z.object({ cancelled: z.array(projectId) })),
}
