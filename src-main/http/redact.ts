const MARK = '[redacted]'
/** Shorter ones would black out ordinary words. */
const SHORTEST_SECRET = 6

/** Names whose values are secrets, wherever they stand. Bounded, so that no long text makes the search slow. */
const NAME =
  '[\\w-]{0,40}?(?:password|passwd|passphrase|secret|token|api[-_]?key|authorization|cookie|ticket|signature|credential)s?'

/** Each finds a secret after group 1, which stays. */
const AFTER_ITS_NAME: readonly RegExp[] = [
  // A field of the line itself, and one of JSON that stands in a text of the line.
  new RegExp(`("${NAME}":")(?:[^"\\\\]|\\\\.)*`, 'gi'),
  new RegExp(`(\\\\+"${NAME}\\\\+"\\s*:\\s*\\\\+")[^"\\\\]*`, 'gi'),
  // Variables and parts of URLs; a plain number is a count.
  new RegExp(`(\\b${NAME}=)(?!\\d{1,9}\\b)[^\\s"'\\\\&,;<>)}\\]]+`, 'gi'),
  /([?&](?:key|sig|code)=)[^\s"'\\&]+/gi,
  // Headers and what they hold.
  /(\b(?:authorization|proxy-authorization|x-api-key|x-goog-api-key|api-key|x-signature|(?:set-)?cookie|password):\s*(?:(?:bearer|basic)\s+)?)[^\s"'\\]+/gi,
  /(\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}/gi,
  // A login in front of a host.
  /(:\/\/)[^/\s"'\\@:]{1,200}:[^/\s"'\\@]{1,200}(?=@)/g,
]

/** Secrets that are known by how they look. */
const BY_ITS_LOOK: readonly RegExp[] = [
  // Anthropic and OpenAI; Baton's own; Google; GitHub; Slack; AWS.
  /\b(?:sk|rk|pk)-[\w-]{6,}/g,
  /\b(?:bat|brt|inv|whsec)_[\w-]{16,}/g,
  /\bAIza[\w-]{20,}/g,
  /\b(?:gh[pousr]|github_pat)_\w{20,}/g,
  /\bxox[a-z]-[\w-]{8,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /(?<=hooks\.slack\.com\/services\/)[\w/]+/g,
  /(?<=\bv1=)[0-9a-f]{32,}/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g,
  /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|$)/g,
]

/** Whether a line may hold any of it. Most lines do not, and searching for each kind takes ten times as long. */
const MAYBE =
  /pass(?:w|phrase)|secret|token|key|authori|cookie|ticket|signature|credential|bearer|basic|:\/\/|[?&](?:sig|code)=|[srp]k-|(?:bat|brt|inv|whsec)_|AIza|gh[pousr]_|github_|xox|hooks\.|v1=|eyJ|AKIA/i

/** Takes secrets out of lines of the log (M6, S8): by the names they stand under, by their look, and those it was told. */
export interface Redactor {
  /** `line` is JSON, and stays JSON. */
  redact(line: string): string
  /** From now on this text is a secret wherever it stands. */
  hide(secret: string | undefined): void
}

export function createRedactor(): Redactor {
  const known = new Set<string>()
  return {
    redact(line) {
      let text = line
      for (const secret of known) text = text.replaceAll(secret, MARK)
      if (!MAYBE.test(text)) return text
      for (const pattern of AFTER_ITS_NAME) text = text.replace(pattern, `$1${MARK}`)
      for (const pattern of BY_ITS_LOOK) text = text.replace(pattern, MARK)
      return text
    },
    hide(secret) {
      if (secret === undefined || secret.length < SHORTEST_SECRET) return
      // As it is, as JSON has it, and as a URL has it.
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) known.add(form)
    },
  }
}
