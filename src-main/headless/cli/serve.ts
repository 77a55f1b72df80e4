import { hostFromEnvironment } from '#http/host-from-environment.ts'
import { serverEnvironment } from '#http/server-environment.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { listenForInterrupt } from './interrupt.ts'
import { printJson, say } from './output.ts'
import { createPaint } from './paint.ts'
import { openBrowser, serveUi } from './serve-ui.ts'
import { configure, dataFolder, readEnvironment } from './session.ts'

export interface ServeFlags {
  readonly port?: string
  readonly data?: string
  readonly open?: boolean
  readonly profile?: string
}

const DEFAULT_PORT = 7420
const FIRST_ANSWERS_MS = 50

function portOf(flag: string | undefined, fallback: number | undefined): number {
  if (flag === undefined) return fallback ?? DEFAULT_PORT
  const port = Number(flag)
  if (/^\d{1,5}$/.test(flag) && port <= 65_535) return port
  throw new CommandFault(`--port ${flag} is no port. Give a number from 0 (any free one) to 65535.`, EXIT.usage)
}

function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    listenForInterrupt(() => {
      say('Stopping: steps under way may finish; press Ctrl+C again to end at once.')
      resolve()
    })
  })
}

/** `baton serve` (X2): one JSON line on stdout when ready, then serves until it is interrupted. */
export async function serve(flags: ServeFlags): Promise<ExitCode> {
  const environment = readEnvironment()
  const data_dir = dataFolder(environment, flags.data)
  const configuration = await configure(environment, data_dir)
  const { BATON_PORT, CORS_ORIGINS } = configuration.environment
  const port = portOf(flags.port, BATON_PORT)
  const hosted = await hostFromEnvironment({
    configuration,
    data_dir,
    demo: true,
    look_around_later: true,
    service_environment: serverEnvironment(process.env),
    variable: (name) => process.env[name],
  })
  if (!hosted.ok) {
    const { error } = hosted
    if (error.kind === 'failed') throw new CommandFault(error.message, EXIT.failed)
    const who = error.holder === null ? 'Another Baton' : `Another Baton (process ${error.holder.pid})`
    throw new CommandFault(
      `${who} already keeps the data folder ${data_dir}. Use that one, end it, or give another folder with --data.`,
      EXIT.failed,
    )
  }
  const served = await serveUi(hosted.value, { data_dir, port, allowed_origins: CORS_ORIGINS })
  if (!served.ok) {
    await hosted.value.close(0)
    throw new CommandFault(served.error, EXIT.failed)
  }
  const interrupted = untilInterrupted()
  const { url, link, token_file, listener } = served.value
  printJson({ url, token_file, pid: process.pid })
  // Looking for git, keys and services takes a moment of its own; who waited for the line above is answered first.
  const begin = setTimeout(() => hosted.value.core.execute('all'), FIRST_ANSWERS_MS)
  if (flags.open || process.stderr.isTTY) {
    const paint = createPaint(process.stderr)
    say(
      `\n  Baton is at ${paint.link(link)}\n  ${paint.dim('The link holds your login; keep it to yourself. Ctrl+C ends Baton.')}\n`,
    )
  }
  if ((await hosted.value.core.models.vault()).state === 'locked') {
    say('The vault is locked, so keys in it are not used yet. Open it in the window, or with: baton vault open')
  }
  if (flags.open) openBrowser(link)
  await interrupted
  clearTimeout(begin)
  const { clean } = await hosted.value.close()
  await listener.close()
  return clean ? EXIT.done : EXIT.failed
}
