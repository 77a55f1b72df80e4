import { z } from 'zod'
import type { Tool } from './tool.ts'
import { failed } from './tool-result.ts'

const parameters = z.lazy(() =>
  z
    .strictObject({
      instruction: z
        .string()
        .trim()
        .min(1)
        .max(4_000)
        .describe('What to do with the text: complete, it sees nothing else'),
      text: z.string().max(200_000).optional().describe('The text to work on'),
      path: z
        .string()
        .min(1)
        .max(4_096)
        .optional()
        .describe('Or a text file of the workspace, which need not be read first'),
    })
    .refine(({ text, path }) => text === undefined || path === undefined, { message: 'give text or path, not both' }),
)
export type LocalLlmParameters = z.infer<typeof parameters>
export const localLlmParameters = parameters

/**
 * `local_llm` (T2): hands small work on text to a model of this machine, at no cost, so that long files need not pass through
 * a paid model. Asked by `run/local-help.ts` as a journaled model call of the run; `whyNone` says why there is no such model.
 */
export function createLocalLlm(whyNone: () => string | null): Tool<LocalLlmParameters> {
  return {
    name: 'local_llm',
    description:
      'Has a small model on this machine summarise, extract from, classify or translate a text, at no cost. Good for long files; check what it says where it matters.',
    risk: 'read',
    asks: 'local_model',
    parameters,
    get unavailable() {
      return whyNone()
    },
    execute: async () => failed('The local model was not asked, because the call was not made through a run.'),
  }
}
