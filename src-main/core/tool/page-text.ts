/** Characters of a page that are read at most: more would keep the main thread for too long. */
const MAX_HTML = 1_000_000

export type PageText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly error: string }

/** What a model is given of a body: HTML as plain text, text as it is, anything else not at all. */
export async function pageText(bytes: Uint8Array, contentType: string): Promise<PageText> {
  const [media = ''] = contentType.split(';', 1)
  const kind = media.trim()
  if (!isText(kind)) {
    return { ok: false, error: `It is ${kind === '' ? 'of no known kind' : kind}, and only text can be read.` }
  }
  const text = decode(bytes, /charset="?([\w-]+)/.exec(contentType)?.[1])
  return { ok: true, text: /^(text\/html|application\/xhtml\+xml)$/.test(kind) ? await htmlText(text) : text }
}

function isText(kind: string): boolean {
  return (
    /^text\/(?!event-stream)/.test(kind) ||
    /^application\/(json|xml|yaml|x-yaml|javascript|[\w.-]+\+(json|xml))$/.test(kind)
  )
}

function decode(bytes: Uint8Array, charset = 'utf-8'): string {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    // An encoding that nobody knows: most pages are UTF-8 whatever they say.
    return new TextDecoder().decode(bytes)
  }
}

/** Links keep their addresses, which a model may want to fetch; images are left out. */
async function htmlText(html: string): Promise<string> {
  const { convert } = await import('html-to-text')
  return convert(html.slice(0, MAX_HTML), {
    wordwrap: false,
    limits: { maxInputLength: MAX_HTML, maxDepth: 200, ellipsis: '…' },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
      { selector: 'table', format: 'dataTable' },
    ],
  })
}
