import { z } from 'zod'

/** Facts that a run hands to the demo model beside the prompt, since it does not understand prose. */
export const demoHint = z.lazy(() =>
  z.discriminatedUnion('purpose', [
    z.object({
      purpose: z.literal('plan'),
      requirements: z.string(),
      attachments: z.array(z.string()).default([]),
      /** What the user wants changed in a plan that is revised. */
      note: z.string().default(''),
    }),
    z.object({
      purpose: z.literal('task'),
      requirements: z.string(),
      task: z.object({
        key: z.string(),
        title: z.string(),
        description: z.string(),
        type: z.string(),
        artifacts: z.array(z.string()),
        depends: z.array(z.object({ key: z.string(), title: z.string(), artifacts: z.array(z.string()) })),
        /** 0 for the first try, then one more for each repair. */
        round: z.number().int(),
        /** What the verifier found after the round before. */
        violations: z.array(z.string()),
      }),
    }),
    z.object({
      purpose: z.literal('prompt'),
      phase: z.enum(['intent', 'planner', 'selector']),
      prompt: z.string(),
    }),
    z.object({
      purpose: z.literal('summary'),
      requirements: z.string(),
      tasks: z.array(z.object({ title: z.string(), state: z.string(), artifacts: z.array(z.string()) })).default([]),
    }),
  ]),
)
export type DemoHint = z.infer<typeof demoHint>
export type DemoTaskHint = Extract<DemoHint, { purpose: 'task' }>
