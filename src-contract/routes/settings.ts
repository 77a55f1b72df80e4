import { changeSettings, fixedSettings } from '../change-settings.ts'
import { settings as settingsSchema } from '../settings.ts'
import { route } from './route.ts'

/** Settings of the whole Baton. */
export const settings = {
  get: route.route({ method: 'GET', path: '/settings' }).output(settingsSchema),
  change: route.route({ method: 'PATCH', path: '/settings' }).input(changeSettings).output(settingsSchema),
  /** Which of them, and of the limits of the budget, the configuration file sets. */
  fixed: route.route({ method: 'GET', path: '/settings/fixed' }).output(fixedSettings),
}
