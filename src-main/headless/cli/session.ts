import { resolve } from 'node:path'
import { defaultDataFolder } from '#http/installation.ts'
import type { BatonClient } from '../baton-client.ts'
import { type Environment, parseEnvironment } from '../environment.ts'
import { openClient } from '../open-client.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { say } from './output.ts'

/** The environment of this process; ends the command where it is wrong. */
export function readEnvironment(): Environment {
  const parsed = parseEnvironment(process.env)
  if (!parsed.ok) throw new CommandFault(parsed.error, EXIT.usage)
  return parsed.value
}

/** The data folder: `--data`, else BATON_DATA_DIR, else the system's place. */
export function dataFolder(environment: Environment, option?: string): string {
  return resolve(option ?? environment.BATON_DATA_DIR ?? defaultDataFolder())
}

/** Opens a client, does `work` with it and ends it whatever happens. */
export async function withClient(
  options: { demo?: boolean; demo_pace_ms?: number | undefined; data_dir?: string },
  work: (client: BatonClient) => Promise<ExitCode>,
): Promise<ExitCode> {
  const environment = readEnvironment()
  const opened = await openClient({
    environment,
    data_dir: options.data_dir ?? dataFolder(environment),
    demo: options.demo ?? false,
    demo_pace_ms: options.demo_pace_ms,
    onWait: () => say('Waiting for another Baton on this data folder …'),
  })
  if (!opened.ok) throw new CommandFault(opened.error, EXIT.failed)
  try {
    return await work(opened.value)
  } finally {
    await opened.value.close()
  }
}
