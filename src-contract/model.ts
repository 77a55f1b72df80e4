import { z } from 'zod'
import { micros } from './money.ts'
import { complexity, taskType, tier } from './states.ts'
import { timestamp } from './time.ts'

export const providerId = z.enum([
  'anthropic',
  'openai',
  'google',
  'openrouter',
  'ollama',
  'lmstudio',
  'llamacpp',
  'vllm',
  'demo',
])
export type ProviderId = z.infer<typeof providerId>

/** Providers that speak OpenAI's protocol over HTTP, at an address that a person can change. */
export const OPENAI_LIKE = ['openai', 'openrouter', 'lmstudio', 'llamacpp', 'vllm'] as const satisfies ProviderId[]

/** Providers whose address a person can change in the settings. */
export const addressedProvider = z.enum(['google', ...OPENAI_LIKE])
export type AddressedProvider = z.infer<typeof addressedProvider>

/** Addresses of providers that differ from their usual one; http or https, with the version where there is one. */
export const baseUrls = z.partialRecord(addressedProvider, z.url({ protocol: /^https?$/ }).max(500))
export type BaseUrls = z.infer<typeof baseUrls>

export const profileName = z.string().regex(/^[a-z0-9][a-z0-9._:-]{0,99}$/i, 'letters, digits, . _ : -')

/** USD per million tokens. */
const rate = z.number().nonnegative().max(1_000_000)

/** A price as a person enters it. Cache rates left out are those of input. */
export const enteredPrice = z.strictObject({
  input: rate,
  output: rate,
  cache_write: rate.nullable().default(null),
  cache_read: rate.nullable().default(null),
})
export type EnteredPrice = z.infer<typeof enteredPrice>

/** A model that tasks can be sent to. */
export const modelProfile = z.strictObject({
  name: profileName,
  display_name: z.string().min(1).max(100),
  provider: providerId,
  model: z.string().min(1).max(200),
  tiers: z.array(tier).max(3),
  enabled: z.boolean().default(true),
  /** Order of preference within a tier; lower first. */
  rank: z.number().int().min(0).max(1_000).default(100),
  max_concurrent: z.number().int().min(1).max(64).default(4),
  /** Upper bound of one answer, in tokens. */
  max_output_tokens: z.number().int().min(256).max(128_000).default(8_192),
  /** Window to work within, in tokens; sent as `num_ctx` to local servers. */
  context_tokens: z.number().int().min(1_024).max(2_000_000).default(32_768),
  /** What a paid model costs, entered by a person; it goes before the shipped price table (R4). */
  price: enteredPrice.nullable().default(null),
})
export type ModelProfile = z.infer<typeof modelProfile>

/** A model profile with what is known of it now. */
export const modelProfileStatus = modelProfile.extend({
  paid: z.boolean(),
  available: z.boolean(),
  /** Why it is not available; empty where it is. */
  reason: z.string(),
})
export type ModelProfileStatus = z.infer<typeof modelProfileStatus>

export const routeRule = z.strictObject({
  type: taskType.nullable(),
  complexity: complexity.nullable(),
  tier,
})
export type RouteRule = z.infer<typeof routeRule>

/** First rule that fits wins; `null` fits everything (R3). */
export const DEFAULT_ROUTES: readonly RouteRule[] = [
  { type: 'research', complexity: 'simple', tier: 'local' },
  { type: 'analysis', complexity: 'simple', tier: 'local' },
  { type: 'asset', complexity: null, tier: 'local' },
  { type: 'code', complexity: 'simple', tier: 'fast' },
  { type: 'code', complexity: null, tier: 'strong' },
  { type: 'integration', complexity: null, tier: 'fast' },
  { type: 'planning', complexity: null, tier: 'strong' },
  { type: null, complexity: 'simple', tier: 'local' },
  { type: null, complexity: 'medium', tier: 'fast' },
  { type: null, complexity: 'complex', tier: 'strong' },
]

/** As Ollama names models: `llama3.2`, `qwen3:8b`, `hf.co/owner/name:Q4_K_M`. */
export const ollamaModelName = z
  .string()
  .max(200)
  .regex(/^[a-z0-9][a-z0-9._/-]*(:[a-z0-9._-]+)?$/i, 'a name such as llama3.2 or qwen3:8b')

/** A model being pulled, or how its last pull of this Baton's life ended. */
export const modelPull = z.object({
  model: z.string(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  /** What it is at, or why it failed. */
  detail: z.string(),
  completed_bytes: z.number().nonnegative(),
  /** Of the parts that are known so far; 0 until one is. */
  total_bytes: z.number().nonnegative(),
  started_at: timestamp,
})
export type ModelPull = z.infer<typeof modelPull>

/** A model in the memory of a local server. */
export const loadedModel = z.object({
  model: z.string(),
  size_bytes: z.number().nonnegative(),
  /** The part of it on the card. */
  vram_bytes: z.number().nonnegative(),
  context_tokens: z.number().int().nullable(),
  /** When it leaves memory if nobody asks it. */
  expires_at: timestamp.nullable(),
})
export type LoadedModel = z.infer<typeof loadedModel>

/** How checked runs of one class of tasks ended at one tier with one model, on this machine. */
export const routeOutcome = z.object({
  type: taskType,
  complexity,
  tier,
  profile: z.string(),
  verified: z.number().int(),
  /** Given up after their repairs. */
  refused: z.number().int(),
  /** Of all of them, checks included. */
  cost_micros: micros,
})
export type RouteOutcome = z.infer<typeof routeOutcome>
