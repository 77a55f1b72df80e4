import { ORPCError } from '@orpc/client'
import { needsConsent, startableService, startCommand } from '#contract/service-start.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson, say } from './output.ts'
import { printable } from './printable.ts'
import { withClient } from './session.ts'

interface RestartFlags {
  readonly consent?: boolean
  readonly json?: boolean
}

/** `baton services restart NAME`: what Baton started is restarted; with --consent, others unload their models (H4). */
export function restartService(name: string, flags: RestartFlags): Promise<ExitCode> {
  return withClient({}, async ({ api, hosted }) => {
    const known = (await api.services.list()).find((service) => service.name === name)
    if (hosted !== null && known?.own?.start != null) throw endsWithThis(known.label)
    try {
      const done = await api.services.restart({ name, consent: flags.consent === true })
      if (flags.json) printJson(done)
      else print(printable(done.message))
      return EXIT.done
    } catch (fault) {
      if (isConsentNeeded(fault)) say(`Allow that with: baton services restart ${name} --consent`)
      throw fault
    }
  })
}

/** `baton services stop NAME`. */
export function stopService(name: string, flags: { json?: boolean }): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const done = await api.services.stop({ name })
    if (flags.json) printJson(done)
    else print(printable(done.message))
    return EXIT.done
  })
}

/** `baton services log NAME`: the last lines of a server that Baton started. */
export function serviceLog(name: string): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const { lines } = await api.services.log({ name })
    if (lines.length === 0) say(`Baton has not started ${name} yet, so it has nothing of it.`)
    for (const line of lines) print(printable(line))
    return EXIT.done
  })
}

export interface StartFlags {
  readonly when?: string
  readonly folder?: string
  readonly none?: boolean
}

/** `baton services start-with NAME [COMMAND…]`: how Baton starts a server. */
export function setStartCommand(name: string, command: readonly string[], flags: StartFlags): Promise<ExitCode> {
  const service = startableService.safeParse(name)
  if (!service.success) {
    throw new CommandFault(`Baton can start ${startableService.options.join(', ')}; "${name}" is none.`, EXIT.usage)
  }
  const given = { command, folder: flags.folder ?? null, ...(flags.when === undefined ? {} : { when: flags.when }) }
  const start = flags.none === true ? null : startCommand.safeParse(given)
  if (start !== null && !start.success) {
    throw new CommandFault(
      'Name the program and its arguments, for example: baton services start-with ollama ollama serve. --when is by_hand, on_demand or at_start.',
      EXIT.usage,
    )
  }
  return withClient({}, async ({ api }) => {
    await api.services.setStart({ name: service.data, start: start === null ? null : start.data })
    say(start === null ? `Baton does not start ${name} any more.` : `Baton knows now how to start ${name}.`)
    return EXIT.done
  })
}

function endsWithThis(label: string): CommandFault {
  return new CommandFault(
    `No Baton runs, and ${label} would end with this command. Open the window or run "baton serve", then try again.`,
    EXIT.failed,
  )
}

function isConsentNeeded(fault: unknown): boolean {
  return fault instanceof ORPCError && needsConsent.safeParse(fault.data).success
}
