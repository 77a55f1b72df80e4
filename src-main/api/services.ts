import { api } from './implementer.ts'
import { gpuFor, serviceFor } from './own-view.ts'
import { unwrap } from './unwrap.ts'

const route = api.services

export const services = {
  list: route.list.handler(({ context: { core, caller } }) =>
    core.services.list().map((service) => serviceFor(caller, service)),
  ),
  gpu: route.gpu.handler(async ({ context: { core, caller } }) => gpuFor(core, caller, await core.services.gpu())),
  setup: route.setup.handler(({ context }) => context.core.services.setup()),
  imageTemplates: route.imageTemplates.handler(({ context }) => context.core.services.imageTemplates()),
  restart: route.restart.handler(async ({ context, input }) =>
    unwrap(await context.core.services.restart(input.name, input.consent)),
  ),
  stop: route.stop.handler(async ({ context, input }) => unwrap(await context.core.services.stop(input.name))),
  log: route.log.handler(({ context, input }) => unwrap(context.core.services.log(input.name))),
  setStart: route.setStart.handler(async ({ context, input }) =>
    unwrap(await context.core.services.setStart(input.name, input.start)),
  ),
  check: route.check.handler(async ({ context: { core, caller }, input }) =>
    serviceFor(caller, unwrap(await core.services.check(input.name))),
  ),
}
