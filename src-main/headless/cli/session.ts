import { resolve } from 'node:path'
import { type Configuration, loadConfiguration } from '#http/configuration.ts'
import { type Environment, parseEnvironment } from '#http/environment.ts'
import { defaultDataFolder } from '#http/installation.ts'
import { serverEnvironment } from '#http/server-environment.ts'
import type { BatonClient } from '../baton-client.ts'
import { openClient } from '../open-client.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { say } from './output.ts'

/** The environment of this process; ends the command where it is wrong. */
export function readEnvironment(): Environment {
  const parsed = parseEnvironment(process.env)
  if (!parsed.ok) throw new CommandFault(parsed.error, EXIT.usage)
  return parsed.value
}

/** What a core that this process opens goes by; ends the command where the configuration is wrong. */
export async function configure(environment: Environment, dataDir: string): Promise<Configuration> {
  const loaded = await loadConfiguration(environment, dataDir, (name) => process.env[name])
  if (!loaded.ok) throw new CommandFault(loaded.error, EXIT.usage)
  return loaded.value
}

/** The data folder: `--data`, else BATON_DATA_DIR, else the system's place. */
export function dataFolder(environment: Environment, option?: string): string {
  return resolve(option ?? environment.BATON_DATA_DIR ?? defaultDataFolder())
}

export interface ClientOptions {
  readonly demo?: boolean
  readonly demo_pace_ms?: number | undefined
  readonly data_dir?: string
}

/** A client that can be had anew when the core it was attached to ends before the command does. */
export interface Session {
  readonly client: BatonClient
  /** Attaches to another living core, or becomes the core. */
  reopen(): Promise<void>
}

async function open(options: ClientOptions): Promise<BatonClient> {
  const environment = readEnvironment()
  const opened = await openClient({
    environment,
    data_dir: options.data_dir ?? dataFolder(environment),
    demo: options.demo ?? false,
    demo_pace_ms: options.demo_pace_ms,
    service_environment: serverEnvironment(process.env),
    variable: (name) => process.env[name],
    onWait: () => say('Waiting for another Baton on this data folder …'),
  })
  if (!opened.ok) throw new CommandFault(opened.error, EXIT.failed)
  return opened.value
}

/** Opens a client, does `work` with it and ends it whatever happens. */
export async function withSession(
  options: ClientOptions,
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  let client = await open(options)
  const session: Session = {
    get client() {
      return client
    },
    async reopen() {
      await client.close()
      client = await open(options)
    },
  }
  try {
    return await work(session)
  } finally {
    await client.close()
  }
}

/** `withSession` for commands that are over quickly. */
export function withClient(
  options: ClientOptions,
  work: (client: BatonClient) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withSession(options, (session) => work(session.client))
}
