import { z } from 'zod'
import {
  loadedModel,
  modelProfile,
  modelProfileStatus,
  modelPull,
  ollamaModelName,
  profileName,
  providerId,
  routeOutcome,
} from '../model.ts'
import { keyStatus, openVault, vaultStatus } from '../service.ts'
import { done, route } from './route.ts'

/** Models: profiles, what providers offer, what is loaded (R1–R4). */
export const models = {
  list: route.route({ method: 'GET', path: '/models' }).output(z.array(modelProfileStatus)),
  put: route.route({ method: 'PUT', path: '/models/{name}' }).input(modelProfile).output(modelProfileStatus),
  remove: route
    .route({ method: 'DELETE', path: '/models/{name}' })
    .input(z.strictObject({ name: profileName }))
    .output(done),
  /** Models in the memory of Ollama now, with when they leave it. */
  loaded: route.route({ method: 'GET', path: '/models/loaded' }).output(z.array(loadedModel)),
  /** What learned routing has learned from: verdicts on checked runs, by class, tier and model. */
  outcomes: route.route({ method: 'GET', path: '/models/outcomes' }).output(z.array(routeOutcome)),
  forgetOutcomes: route.route({ method: 'POST', path: '/models/outcomes/forget' }).output(done),
  /** What is being pulled, and what was since Baton started; newest first. */
  pulls: route.route({ method: 'GET', path: '/models/pulls' }).output(z.array(modelPull)),
  /** Has Ollama fetch a model, in the background; one that is already under way is answered as it is. */
  pull: route
    .route({ method: 'POST', path: '/models/pulls', successStatus: 202 })
    .input(z.strictObject({ model: ollamaModelName }))
    .output(modelPull),
  /** Ends a pull; what has come is kept and is not fetched again. */
  cancelPull: route
    .route({ method: 'POST', path: '/models/pulls/cancel' })
    .input(z.strictObject({ model: ollamaModelName }))
    .output(modelPull),
  keys: route.route({ method: 'GET', path: '/models/keys' }).output(z.array(keyStatus)),
  /** Keeps a provider's key in the operating system's keychain; it is never given back. */
  setKey: route
    .route({ method: 'PUT', path: '/models/keys/{provider}' })
    .input(z.strictObject({ provider: providerId, key: z.string().min(8).max(500) }))
    .output(keyStatus),
  removeKey: route
    .route({ method: 'DELETE', path: '/models/keys/{provider}' })
    .input(z.strictObject({ provider: providerId }))
    .output(keyStatus),
  vault: route.route({ method: 'GET', path: '/models/vault' }).output(vaultStatus),
  /** Opens or makes the vault. No POST: nothing that is derived from the passphrase may be kept to tell repeats by. */
  openVault: route.route({ method: 'PUT', path: '/models/vault' }).input(openVault).output(vaultStatus),
}
