import { z } from 'zod'
import type { Tool } from './tool.ts'
import { failed } from './tool-result.ts'

/** What `ask_user` asks; the answering faces read it from the approval's arguments. */
const parameters = z.lazy(() =>
  z.strictObject({
    question: z.string().trim().min(1).max(4_000).describe('One question, complete: the user sees nothing else'),
    options: z
      .array(z.string().trim().min(1).max(300))
      .max(8)
      .default([])
      .describe('Answers to choose from, if there are few; the user may still write another'),
  }),
)

/**
 * `ask_user` (T2): the run waits until a person has answered in the inbox; the answer is the call's result. The question is a
 * row of `approval`, asked and answered by `run/tool-step.ts`, so that it survives restarts.
 */
export const askUser: Tool<z.infer<typeof parameters>> = {
  name: 'ask_user',
  description:
    'Asks the user a question and waits for the answer, which may take hours. Only for what nobody else can decide or know; not for permission.',
  risk: 'read',
  asks: 'user',
  parameters,
  execute: async () => failed('The question reached nobody, because it was not asked through a run.'),
}
