const SECRET = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH|COOKIE|WEBHOOK|SMTP|_PROXY_USER/i
/** Names of variables that are about Baton itself. */
const OURS = /^BATON_|^npm_|^NODE_OPTIONS$/i

/** Whether a variable of this name holds a secret. */
export function isSecretVariable(name: string): boolean {
  return SECRET.test(name)
}

/**
 * What a server that Baton starts (H4) gets of this process' environment: paths and settings of CUDA, Python, Ollama and
 * the like, but no secrets, which it has no use for.
 */
export function serverEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || isSecretVariable(name) || OURS.test(name) ? [] : [[name, value]],
    ),
  )
}
