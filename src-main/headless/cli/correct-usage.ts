import { formatUsd, parseUsd } from '#contract/money.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson } from './output.ts'
import { withClient } from './session.ts'

/** `baton usage correct CALL USD`: what a call whose reply was lost really cost, as the provider's bill says (B2). */
export function correctUsage(call: string, usd: string, flags: { json?: boolean }): Promise<ExitCode> {
  const id = Number(call)
  if (!Number.isSafeInteger(id) || id < 1) {
    throw new CommandFault(`${call} is not the number of a call. baton usage lists the unconfirmed ones.`, EXIT.usage)
  }
  const cost_micros = parseUsd(usd)
  if (cost_micros === null) {
    throw new CommandFault(`${usd} is not an amount in dollars, such as 0.0132.`, EXIT.usage)
  }
  return withClient({}, async ({ api }) => {
    const corrected = await api.usage.correct({ id, cost_micros })
    if (flags.json) printJson(corrected)
    else
      print(`Call ${corrected.id} cost ${formatUsd(corrected.cost_micros)}. What was counted above that is free again.`)
    return EXIT.done
  })
}
