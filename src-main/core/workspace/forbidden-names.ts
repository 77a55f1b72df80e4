/** Names that hold secrets, or that make other programs run something. Each for one path component. */
const ALWAYS_FORBIDDEN = [
  '.git',
  // The short name that Windows gives to `.git`.
  'git~*',
  '.env',
  '.env.*',
  '*.key',
  '*.pem',
  '*.secret',
  'credentials',
  'credentials.json',
  'credentials.yaml',
  'credentials.yml',
  'credentials.ini',
  'credentials.toml',
  'id_rsa',
  'id_rsa.pub',
  'id_ed25519',
  'id_ed25519.pub',
  'id_ecdsa',
  'id_ecdsa.pub',
  'id_dsa',
  'id_dsa.pub',
  '.npmrc',
  '.netrc',
  '.vscode',
  '.mcp.json',
]

/** Samples without secrets, which the patterns above would catch. */
const ALWAYS_ALLOWED: ReadonlySet<string> = new Set(['.env.example'])

/** Tells for one path component which pattern forbids it, or null. */
export type ForbiddenNames = (name: string) => string | null

/**
 * The forbidden names of a workspace: those of T3, and `extra` patterns, which cannot be excepted.
 * Names are compared as the most forgiving file system would: without case, in one normal form.
 */
export function createForbiddenNames(extra: readonly string[]): ForbiddenNames {
  const own = extra.map((pattern) => ({ pattern, parts: folded(pattern).split('*') }))
  const always = ALWAYS_FORBIDDEN.map((pattern) => ({ pattern, parts: folded(pattern).split('*') }))
  return (name) => {
    const key = folded(name)
    const patterns = ALWAYS_ALLOWED.has(key) ? own : [...own, ...always]
    return patterns.find(({ parts }) => matches(key, parts))?.pattern ?? null
  }
}

/**
 * One spelling for all names that some file system takes for the same. The compatibility form and the removal of
 * invisible characters go further than NFC: HFS+ finds `.git` under `.g\u200cit`, and nobody needs such a name.
 */
function folded(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
}

/** Whether `name` is `parts` with anything between them. Greedy from the left, so it is linear where a regex is not. */
function matches(name: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (parts.length === 1) return name === first
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false
  const end = name.length - last.length
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
