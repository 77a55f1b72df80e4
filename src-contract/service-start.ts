import { z } from 'zod'
import { timestamp } from './time.ts'

/** Servers that Baton may be told how to start (H4). */
export const startableService = z.enum(['ollama', 'comfyui', 'lmstudio', 'llamacpp', 'vllm'])
export type StartableService = z.infer<typeof startableService>

const argument = z
  .string()
  .max(4_000)
  .refine((text) => !text.includes('\0'), 'must not contain a zero byte')

/** How a server is started. Kept apart from the settings, so that nothing which carries those can carry a program along. */
export const startCommand = z.strictObject({
  /** The program and its arguments; no shell reads them. */
  command: z.array(argument).min(1).max(64),
  /** The folder that it is started in, absolute; null: the home folder. */
  folder: argument.nullable().default(null),
  /** `on_demand`: when work needs the server; `at_start`: with a Baton that stays, too. */
  when: z.enum(['by_hand', 'on_demand', 'at_start']).default('on_demand'),
})
export type StartCommand = z.infer<typeof startCommand>

/** What Baton does for a server: how it would start it, and what became of that. */
export const ownService = z.object({
  start: startCommand.nullable(),
  state: z.enum(['not_started', 'running', 'ended']),
  pid: z.number().int().nullable(),
  since: timestamp.nullable(),
  /** How it ended, where it did. */
  detail: z.string(),
})
export type OwnService = z.infer<typeof ownService>

/** The last lines that a server wrote since Baton started it, oldest first. */
export const serviceLog = z.object({ lines: z.array(z.string()) })
export type ServiceLog = z.infer<typeof serviceLog>

/** What was done when a server was to be restarted. `freed`: it was not ours to restart; its models were unloaded. */
export const serviceAction = z.object({
  action: z.enum(['started', 'restarted', 'stopped', 'freed']),
  message: z.string(),
})
export type ServiceAction = z.infer<typeof serviceAction>

const consent = z.object({ needs_consent: z.literal(true) })
/** What comes with a refusal that the user's consent would turn into a yes; over HTTP it lies in `details`. */
export const needsConsent = z.union([consent, z.object({ details: consent })])
