import { z } from 'zod'
import { gpuStatus, imageTemplates } from '../gpu.ts'
import { service } from '../service.ts'
import { serviceAction, serviceLog, startableService, startCommand } from '../service-start.ts'
import { setup } from '../setup.ts'
import { route } from './route.ts'

/** Services: how Ollama, ComfyUI and the providers are, and who has the graphics card (H1–H5). */
export const services = {
  list: route.route({ method: 'GET', path: '/services' }).output(z.array(service)),
  check: route
    .route({ method: 'POST', path: '/services/{name}/check' })
    .input(z.strictObject({ name: z.string().max(100) }))
    .output(service),
  /**
   * Restarts a server that Baton has started, or starts one that does not run. One that somebody else has started is not
   * touched; with `consent` it is told to unload its models.
   */
  restart: route
    .route({ method: 'POST', path: '/services/{name}/restart' })
    .input(z.strictObject({ name: z.string().max(100), consent: z.boolean().default(false) }))
    .output(serviceAction),
  /** Ends a server that Baton has started. */
  stop: route
    .route({ method: 'POST', path: '/services/{name}/stop' })
    .input(z.strictObject({ name: z.string().max(100) }))
    .output(serviceAction),
  log: route
    .route({ method: 'GET', path: '/services/{name}/log' })
    .input(z.strictObject({ name: z.string().max(100) }))
    .output(serviceLog),
  /** How Baton starts a server; null: not at all. It names a program of this machine, so it is the owner's to set. */
  setStart: route
    .route({ method: 'PUT', path: '/services/{name}/start' })
    .input(z.strictObject({ name: startableService, start: startCommand.nullable() }))
    .output(service),
  /** Who has the card, who waits for it, and what is loaded (H3). */
  gpu: route.route({ method: 'GET', path: '/gpu' }).output(gpuStatus),
  imageTemplates: route.route({ method: 'GET', path: '/image-templates' }).output(imageTemplates),
  /** What this machine has for Baton to work with, looked for anew, also at the usual addresses of local servers (R6). */
  setup: route.route({ method: 'GET', path: '/setup' }).output(setup),
}
