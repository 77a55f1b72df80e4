import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { err, ok, type Result } from '#contract/result.ts'
import { type Configured, given } from '#core/store/configured.ts'
import type { ReadVariable } from './config-file.ts'
import type { ConfigFile } from './config-schema.ts'
import type { Environment } from './environment.ts'
import { LOG_DEFAULTS, type LogOptions } from './log-options.ts'

/** What a host goes by: the environment first, then the configuration file, then what was set in Baton, then defaults (X3). */
export interface Configuration {
  readonly environment: Environment
  readonly log: Omit<LogOptions, 'now'>
  /** Absent: there is no file. */
  readonly configured: Configured | undefined
}

/** The file that BATON_CONFIG names, which then has to be there, or the one of the data folder; null: there is none. */
function configPath(environment: Environment, dataDir: string): Result<string | null, string> {
  const named = environment.BATON_CONFIG
  if (named === undefined) {
    const usual = join(dataDir, 'config.yaml')
    return ok(existsSync(usual) ? usual : null)
  }
  const path = resolve(named)
  if (existsSync(path)) return ok(path)
  return err(`BATON_CONFIG names ${path}, and there is no such file. Correct or unset it.`)
}

/** Puts the two together; a variable goes before the same in the file. */
function configurationOf(
  environment: Environment,
  dataDir: string,
  file: { readonly path: string; readonly content: ConfigFile } | null,
): Configuration {
  const content = file?.content
  const { level, folder, ...kept } = content?.log ?? {}
  const debug = environment.DEBUG_MODE === true ? ('debug' as const) : undefined
  const together: Environment = {
    BATON_PORT: content?.port,
    CORS_ORIGINS: content?.cors_origins,
    OLLAMA_HOST: content?.ollama_host,
    COMFYUI_URL: content?.comfyui_url,
    ANTHROPIC_BASE_URL: content?.anthropic_base_url,
    ...given(environment),
  }
  return {
    environment: together,
    log: {
      ...LOG_DEFAULTS,
      ...kept,
      level: environment.BATON_LOG_LEVEL ?? debug ?? level ?? LOG_DEFAULTS.level,
      folder: environment.BATON_LOG_DIR ?? resolve(dataDir, folder ?? 'logs'),
    },
    configured:
      file === null
        ? undefined
        : { file: file.path, settings: file.content.settings ?? {}, budget: file.content.budget ?? {} },
  }
}

/** What this host goes by; `read` is `readConfigFile`. The error is a text for the user. */
export function readConfiguration(
  environment: Environment,
  dataDir: string,
  read: (path: string) => Result<ConfigFile, string>,
): Result<Configuration, string> {
  const path = configPath(environment, dataDir)
  if (!path.ok) return path
  if (path.value === null) return ok(configurationOf(environment, dataDir, null))
  const content = read(path.value)
  return content.ok ? ok(configurationOf(environment, dataDir, { path: path.value, content: content.value })) : content
}

/** The same for a host that has to start fast: what reads YAML is loaded only where there is a file. */
export async function loadConfiguration(
  environment: Environment,
  dataDir: string,
  variable: ReadVariable,
): Promise<Result<Configuration, string>> {
  const path = configPath(environment, dataDir)
  if (!path.ok) return path
  if (path.value === null) return ok(configurationOf(environment, dataDir, null))
  const { readConfigFile } = await import('./config-file.ts')
  return readConfiguration(environment, dataDir, (file) => readConfigFile(file, variable))
}
