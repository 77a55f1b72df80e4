import { api } from './implementer.ts'
import { serviceFor } from './own-view.ts'
import { unwrap } from './unwrap.ts'

const route = api.system

export const system = {
  health: route.health.handler(({ context }) => context.core.system.health()),
  status: route.status.handler(({ context: { core, caller } }) => {
    const status = core.system.status()
    return { ...status, services: status.services.map((service) => serviceFor(caller, service)) }
  }),
  pauseAll: route.pauseAll.handler(async ({ context }) => unwrap(await context.core.system.pauseAll())),
  cancelAll: route.cancelAll.handler(async ({ context }) => ({
    cancelled: unwrap(await context.core.system.cancelAll()),
  })),
  resumeAll: route.resumeAll.handler(async ({ context }) => unwrap(await context.core.system.resumeAll())),
}
