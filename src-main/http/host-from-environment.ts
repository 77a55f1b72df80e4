import { join } from 'node:path'
import { err, type Result } from '#contract/result.ts'
import type { Keychain, ProviderEnvironment } from '#core/core.ts'
import type { Configuration } from './configuration.ts'
import { type Environment, withoutUse } from './environment.ts'
import { createFileLog, type HostLog } from './file-log.ts'
import { type HostedCore, type HostRefusal, hostCore, makeDataFolder } from './host-core.ts'
import { batonVersion } from './installation.ts'
import { isSecretVariable } from './server-environment.ts'

export interface EnvironmentHostOptions {
  readonly configuration: Configuration
  readonly data_dir: string
  /** Whether the demo model may be chosen. */
  readonly demo: boolean
  /** Pause of the demo model between pieces of output, in ms. */
  readonly demo_pace_ms?: number | undefined
  /** Of servers that Baton starts. */
  readonly service_environment: Readonly<Record<string, string>>
  /** Reads one variable, for MCP servers that were allowed it. */
  readonly variable?: ((name: string) => string | undefined) | undefined
  /** For a host that answers before anything runs. */
  readonly look_around_later?: boolean | undefined
  /** Absent: the one of the environment. */
  readonly log?: HostLog | undefined
}

/** The log as the configuration wants it; secrets of the environment are blacked out in it. */
export function openLog({ environment, log: options }: Configuration): HostLog {
  const log = createFileLog(options)
  for (const [name, value] of Object.entries(environment)) {
    if (isSecretVariable(name) && typeof value === 'string') log.hide(value)
  }
  const idle = withoutUse(environment)
  if (idle.length > 0) log.warn('Variables are set that this version does not use', { variables: idle })
  return log
}

/** Keys that pass through it are blacked out in the log from then on. */
function hiding(keychain: Keychain, log: HostLog): Keychain {
  return {
    ...keychain,
    async get(account) {
      const found = await keychain.get(account)
      if (found.ok) log.hide(found.value ?? undefined)
      return found
    },
    set(account, secret) {
      log.hide(secret)
      return keychain.set(account, secret)
    },
  }
}

function providersOf(environment: Environment): ProviderEnvironment {
  return {
    openai: { api_key: environment.OPENAI_API_KEY, base_url: environment.OPENAI_BASE_URL },
    google: {
      api_key: environment.GEMINI_API_KEY ?? environment.GOOGLE_API_KEY,
      base_url: environment.GOOGLE_GEMINI_BASE_URL,
    },
    openrouter: { api_key: environment.OPENROUTER_API_KEY, base_url: environment.OPENROUTER_BASE_URL },
    lmstudio: { base_url: environment.LMSTUDIO_BASE_URL },
    llamacpp: { base_url: environment.LLAMACPP_BASE_URL },
    vllm: { api_key: environment.VLLM_API_KEY, base_url: environment.VLLM_BASE_URL },
  }
}

/** Opens core in this process with what the environment says. */
export async function hostFromEnvironment(options: EnvironmentHostOptions): Promise<Result<HostedCore, HostRefusal>> {
  const { configuration, data_dir } = options
  const { environment } = configuration
  const folder = makeDataFolder(data_dir)
  if (!folder.ok) return err({ kind: 'failed', message: folder.error })
  const [{ createCore }, { createKeytarKeychain }, { createVault }, { keychainOrVault }] = await Promise.all([
    import('#core/create-core.ts'),
    import('#core/secret/keytar-keychain.ts'),
    import('#core/secret/vault.ts'),
    import('#core/secret/keychain-or-vault.ts'),
  ])
  const version = batonVersion()
  const vault = createVault(join(data_dir, 'vault.json'))
  const log = options.log ?? openLog(configuration)
  return hostCore({
    data_dir,
    version,
    log,
    open: () =>
      createCore({
        data_dir,
        version,
        anthropic_api_key: environment.ANTHROPIC_API_KEY,
        anthropic_base_url: environment.ANTHROPIC_BASE_URL,
        ollama_host: environment.OLLAMA_HOST,
        providers: providersOf(environment),
        comfyui_url: environment.COMFYUI_URL,
        jwt_secret: environment.JWT_SECRET,
        webhook_secret: environment.WEBHOOK_SECRET,
        path: environment.PATH,
        service_environment: options.service_environment,
        variable(name) {
          const value = options.variable?.(name)
          if (isSecretVariable(name)) log.hide(value)
          return value
        },
        demo: options.demo,
        configured: configuration.configured,
        keychain: hiding(keychainOrVault(createKeytarKeychain(), vault), log),
        vault,
        log,
        demo_pace_ms: options.demo_pace_ms,
        failpoints: environment.BATON_FAILPOINTS,
        look_around_later: options.look_around_later,
      }),
  })
}
