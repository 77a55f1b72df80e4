/** What a spec asks of the double from its own process, over the channel between the two. */
import { z } from 'zod'

const evaluation = z.object({ id: z.number(), source: z.string(), argument: z.unknown() })

/** What the double tells the spec. */
export const controlMessage = z.union([
  z.object({ devtools_port: z.number() }),
  z.object({ id: z.number(), value: z.unknown().optional() }),
  z.object({ id: z.number(), error: z.string() }),
])
type ControlMessage = z.infer<typeof controlMessage>

function tell(message: ControlMessage): void {
  process.send?.(message)
}

/** Where Chromium can be driven. */
export function announce(devtoolsPort: number): void {
  tell({ devtools_port: devtoolsPort })
}

/** Runs functions that a spec sends, with `electron` as their first argument, as Playwright does on real Electron. */
export function answerEvaluations(electron: object): void {
  process.on('message', async (message) => {
    const { id, source, argument } = evaluation.parse(message)
    try {
      const run = new Function(`return (${source})`)() as (electron: object, argument: unknown) => unknown
      tell({ id, value: await run(electron, argument) })
    } catch (fault) {
      tell({ id, error: fault instanceof Error ? (fault.stack ?? fault.message) : String(fault) })
    }
  })
}
