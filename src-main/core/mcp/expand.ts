import type { McpConfig } from '#contract/mcp.ts'
import { err, ok, type Result } from '#contract/result.ts'

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

/**
 * Fills in `${NAME}` and `${NAME:-default}` in a server's texts. Only names that a person allowed are read; any other is an
 * error, also where it has a default, so that nobody takes a default for the value.
 */
export function expand(
  config: McpConfig,
  allowed: readonly string[],
  variable: (name: string) => string | undefined,
): Result<McpConfig, string> {
  const missing = new Set<string>()
  const fill = (text: string): string =>
    text.replaceAll(VARIABLE, (whole, name: string, fallback: string | undefined) => {
      const value = allowed.includes(name) ? variable(name) : undefined
      if (!allowed.includes(name)) missing.add(`${name} is not among the variables that you allowed it`)
      else if (value === undefined && fallback === undefined) missing.add(`${name} is not set`)
      return value ?? fallback ?? whole
    })
  const fillAll = (texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text)]))
  const filled: McpConfig =
    'command' in config
      ? { ...config, command: fill(config.command), args: config.args.map(fill), env: fillAll(config.env) }
      : { ...config, url: fill(config.url), headers: fillAll(config.headers) }
  return missing.size === 0 ? ok(filled) : err(`${[...missing].join('; ')}. Allow or set it, and start Baton again.`)
}
