import { z } from 'zod'
import { settings } from './settings.ts'

export const changeSettings = z.strictObject(
  Object.fromEntries(Object.entries(settings.shape).map(([key, value]) => [key, value.unwrap().optional()])) as {
    [K in keyof typeof settings.shape]: z.ZodOptional<ReturnType<(typeof settings.shape)[K]['unwrap']>>
  },
)
export type ChangeSettings = z.infer<typeof changeSettings>

/** What the configuration file sets, by its keys: these cannot be changed here (X3). */
export const fixedSettings = z.object({
  file: z.string().nullable(),
  settings: z.array(z.string()),
  budget: z.array(z.string()),
})
export type FixedSettings = z.infer<typeof fixedSettings>
