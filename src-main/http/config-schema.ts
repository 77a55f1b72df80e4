import { z } from 'zod'
import { budgetLimits } from '#contract/budget.ts'
import { changeSettings } from '#contract/change-settings.ts'
import { LOG_DEFAULTS, LOG_LEVELS } from './log-options.ts'

const address = z.string().trim().min(1)
const origin = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' })

/**
 * The configuration file (X3): everything that can be set, but for keys. Those have the keychain and the environment; the
 * file is copied into backups. `resources/config.schema.json` is made of this.
 */
export const configFile = z.strictObject({
  port: z
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('Where `baton serve` listens on 127.0.0.1; 0 takes a free port.'),
  cors_origins: z.array(origin).optional().describe('Origins of pages that may call the port besides its own.'),
  ollama_host: address.optional().describe('Where Ollama is, as OLLAMA_HOST has it.'),
  comfyui_url: address.optional().describe('Where ComfyUI is.'),
  anthropic_base_url: origin.optional().describe('Where Anthropic’s API is, if not at its own place.'),
  log: z
    .strictObject({
      level: z.enum(LOG_LEVELS).optional(),
      folder: address.optional().describe('Absolute, or seen from the data folder.'),
      kept_days: z.int().min(1).max(3_650).default(LOG_DEFAULTS.kept_days),
      file_bytes: z.int().min(10_000).max(1_000_000_000).default(LOG_DEFAULTS.file_bytes),
      day_bytes: z.int().min(100_000).max(10_000_000_000).default(LOG_DEFAULTS.day_bytes),
    })
    .prefault({})
    .describe('The log: how much is written and how long it is kept. A day is one of UTC.'),
  budget: budgetLimits
    .partial()
    .optional()
    .describe('Limits in millionths of a dollar (5000000 is $5); null is no limit.'),
  settings: changeSettings
    .optional()
    .describe('What Settings has in the window. What stands here cannot be changed there.'),
})
export type ConfigFile = z.output<typeof configFile>

/** The JSON Schema of the file, for editors. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(configFile, { io: 'input', target: 'draft-2020-12' })
  return { ...schema, title: 'Configuration of Baton' }
}
