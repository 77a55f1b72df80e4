import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import { LOG_LEVELS } from './log-options.ts'

/** An empty variable counts as none, as in most shells' habits. */
function optional<T extends z.ZodType>(schema: T) {
  return z.preprocess(
    (value) => (typeof value === 'string' && value.trim() === '' ? undefined : value),
    schema.optional(),
  )
}

const trimmed = z.string().trim()
// One of each, for all variables that have it.
const text = optional(trimmed)
const url = optional(z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }))
const isOn = optional(z.stringbool())
const list = optional(
  trimmed.transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  ),
)

const environment = z.object({
  BATON_DATA_DIR: text,
  BATON_PORT: optional(z.coerce.number('must be a port: 0 to 65535').int().min(0).max(65_535)),
  BATON_LOG_LEVEL: optional(z.enum(LOG_LEVELS)),
  BATON_LOG_DIR: text,
  /** The configuration file, where it is not `config.yaml` in the data folder. */
  BATON_CONFIG: text,
  /** The log at `debug`, where its level is not said. */
  DEBUG_MODE: isOn,
  /** Names of failpoints, for tests of recovery. */
  BATON_FAILPOINTS: list,
  ANTHROPIC_API_KEY: text,
  ANTHROPIC_BASE_URL: url,
  OLLAMA_HOST: text,
  OPENAI_API_KEY: text,
  OPENAI_BASE_URL: url,
  GEMINI_API_KEY: text,
  GOOGLE_API_KEY: text,
  GOOGLE_GEMINI_BASE_URL: url,
  OPENROUTER_API_KEY: text,
  OPENROUTER_BASE_URL: url,
  LMSTUDIO_BASE_URL: url,
  LLAMACPP_BASE_URL: url,
  VLLM_BASE_URL: url,
  VLLM_API_KEY: text,
  COMFYUI_URL: text,
  /** Where git is looked for. */
  PATH: text,
  CORS_ORIGINS: list,
  /** What incoming webhooks may be signed with (A5). */
  WEBHOOK_SECRET: text,
  /** Signs access tokens in place of a key of Baton's own (S2). */
  JWT_SECRET: optional(trimmed.min(32, 'must have at least 32 characters')),
  SLACK_WEBHOOK_URL: url,
  SMTP_SERVER: text,
  ENABLE_MONITORING: isOn,
  ENABLE_SELF_HEALING: isOn,
  ORCHESTRATOR_MODEL: text,
  DEFAULT_AGENT_MODEL: text,
  ORCHESTRATOR_WORKING_DIR: text,
})
export type Environment = z.infer<typeof environment>

/** What is read and checked, but belongs to parts that this version does not have. Who builds one takes it out of here. */
const WITHOUT_USE: readonly (keyof Environment)[] = [
  'SLACK_WEBHOOK_URL',
  'SMTP_SERVER',
  'ENABLE_MONITORING',
  'ENABLE_SELF_HEALING',
  'ORCHESTRATOR_MODEL',
  'DEFAULT_AGENT_MODEL',
  'ORCHESTRATOR_WORKING_DIR',
]

/** The variables that are set and change nothing. */
export function withoutUse(given: Environment): string[] {
  return WITHOUT_USE.filter((name) => given[name] !== undefined)
}

/** Reads the variables that Baton knows (X3); the error names each wrong one. */
export function parseEnvironment(env: Readonly<Record<string, string | undefined>>): Result<Environment, string> {
  // Parsed once: compiling the schemas would take longer than the parsing.
  const parsed = environment.safeParse(env, { jitless: true })
  if (parsed.success) return ok(parsed.data)
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`)
  return err(`The environment has a wrong value: ${faults.join('; ')}. Correct or unset it.`)
}
