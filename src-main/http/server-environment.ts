/** Names of variables whose values are secrets, or that are about Baton itself. */
const KEPT_BACK = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH|COOKIE|^BATON_|^npm_|^NODE_OPTIONS$|_PROXY_USER/i

/**
 * What a server that Baton starts (H4) gets of this process' environment: paths and settings of CUDA, Python, Ollama and
 * the like, but no secrets, which it has no use for.
 */
export function serverEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || KEPT_BACK.test(name) ? [] : [[name, value]],
    ),
  )
}
