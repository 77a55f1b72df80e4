import { z } from 'zod'
import { planTask } from '#contract/plan.ts'
import { complexity, taskType, tier } from '#contract/states.ts'
import { pathFault } from '../plan/check-plan.ts'
import type { JsonSchema } from '../plan/plan-schema.ts'
import { readJson } from '../plan/read-json.ts'

/** What a model made of a free prompt in one phase, or what is wrong with its answer, for the model. */
export type PromptReading<T> =
  | { readonly ok: true; readonly value: T; readonly repairs: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] }

/** An answer in one phase of a free prompt: the schema that is asked for, and how the text is read. */
export interface PromptAnswer<T> {
  readonly schema: JsonSchema
  read(text: string): PromptReading<T>
}

const text = { type: 'string' }
const texts = { type: 'array', items: text }

/** The phase `intent`: what is wanted. */
export const intentAnswer = answerOf(
  {
    goal: { ...text, description: 'What the user wants, complete, with every constraint' },
    type: { type: 'string', enum: taskType.options },
    complexity: { type: 'string', enum: complexity.options },
  },
  z.object({ goal: z.string().trim().min(1).max(8_000), type: taskType, complexity }),
)

/** The phase `planner`: how it is done, what is left behind, and when it is done. */
export const approachAnswer = answerOf(
  {
    title: { ...text, description: 'A few words that name the work' },
    steps: { ...texts, description: 'What is done, in order' },
    artifacts: { ...texts, description: 'Files to leave behind, relative paths; empty where words alone answer' },
    acceptance: { ...texts, description: 'What must hold for the result to be right' },
  },
  z.object({
    title: planTask.shape.title,
    steps: z.array(z.string().max(2_000)).max(50),
    artifacts: z.array(artifact()).max(50),
    acceptance: z.array(z.string().trim().min(1).max(2_000)).max(20),
  }),
)

/** The phase `selector`: who does it, with which of these tools. */
export function selectionAnswer(
  tools: readonly string[],
): PromptAnswer<{ tier: z.infer<typeof tier>; tools: string[]; why: string }> {
  return answerOf(
    {
      tier: { type: 'string', enum: tier.options },
      tools: { type: 'array', items: tools.length === 0 ? text : { type: 'string', enum: [...tools] } },
      why: { ...text, description: 'One sentence' },
    },
    z.object({
      tier,
      tools: z
        .array(
          z.string().refine((tool) => tools.includes(tool), `There are these tools: ${tools.join(', ') || 'none'}`),
        )
        .max(50),
      why: z.string().max(2_000),
    }),
  )
}

function artifact(): z.ZodType<string> {
  return planTask.shape.artifacts.unwrap().element.superRefine((path, context) => {
    const fault = pathFault(path)
    if (fault !== null) context.addIssue({ code: 'custom', message: fault })
  })
}

function answerOf<T>(properties: JsonSchema, shape: z.ZodType<T>): PromptAnswer<T> {
  const required = Object.keys(properties)
  return {
    schema: { type: 'object', additionalProperties: false, required, properties },
    read: (said) => readAnswer(said, shape),
  }
}

/** An answer longer than this is none. */
const MAX_ANSWER_BYTES = 1_000_000
const MAX_STARTS = 64

/**
 * The one JSON object of that shape in an answer, whatever stands around it; what models often write wrongly without losing
 * anything is read all the same (P3).
 */
function readAnswer<T>(said: string, shape: z.ZodType<T>): PromptReading<T> {
  if (Buffer.byteLength(said) > MAX_ANSWER_BYTES) {
    return { ok: false, problems: ['The answer is far too long. Answer with one short JSON object.'] }
  }
  let first: string[] | null = null
  let starts = 0
  for (let at = said.indexOf('{'); at !== -1 && starts < MAX_STARTS; starts += 1) {
    const reading = readJson(said, at)
    if (!reading.ok) {
      first ??= [`The JSON cannot be read: ${reading.what}.`]
      at = said.indexOf('{', at + 1)
      continue
    }
    const parsed = shape.safeParse(reading.value)
    if (parsed.success) {
      const around = `${said.slice(0, at)}${said.slice(reading.end)}`.trim()
      const repairs = around === '' ? reading.repairs : [...reading.repairs, 'Left out text around the JSON.']
      return { ok: true, value: parsed.data, repairs }
    }
    first = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the object'}: ${message}`)
    at = said.indexOf('{', reading.end)
  }
  return { ok: false, problems: first ?? ['The answer holds no JSON object.'] }
}
