import MarkdownIt from 'markdown-it'

/** What a text in Markdown consists of: a tree without HTML, in which links and images are words until somebody resolves them. */
export type MarkdownNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string; readonly isBlock: boolean }
  | { readonly kind: 'break' | 'rule' }
  | { readonly kind: 'image'; readonly address: string; readonly alt: string }
  | { readonly kind: 'link'; readonly address: string; readonly children: readonly MarkdownNode[] }
  | {
      readonly kind: 'element'
      readonly tag: MarkdownTag
      readonly children: readonly MarkdownNode[]
      /** Of a numbered list: its first number. */
      readonly start?: number
      /** Of a cell of a table. */
      readonly align?: 'left' | 'center' | 'right'
    }

const TAGS = [
  ...(['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'blockquote', 'ul', 'ol', 'li', 'em', 'strong', 's'] as const),
  ...(['table', 'thead', 'tbody', 'tr', 'th', 'td'] as const),
] as const
export type MarkdownTag = (typeof TAGS)[number]

/** Longer texts, in characters, are read as they are written. */
const MOST_CHARACTERS = 200_000
/** More than that would hold up the window, whatever little text they are made of. */
const MOST_NODES = 20_000
/** Deeper than anybody reads; a file may be made to be deep. */
const MOST_NESTING = 20

type Token = ReturnType<typeof reader.parse>[number]

// HTML stays the characters that it is written with (S10); bare addresses are not made links of.
const reader = new MarkdownIt({ html: false, linkify: false, maxNesting: MOST_NESTING })

/** The tree of a text; null where the text is too long or too finely divided to be shown as one. */
export function readMarkdown(text: string): readonly MarkdownNode[] | null {
  if (text.length > MOST_CHARACTERS) return null
  const tokens = reader.parse(text, {})
  const count = tokens.reduce((sum, token) => sum + 1 + (token.children?.length ?? 0), 0)
  return count > MOST_NODES ? null : treeOf(tokens)
}

function treeOf(tokens: readonly Token[]): MarkdownNode[] {
  const top: MarkdownNode[] = []
  const open: MarkdownNode[][] = [top]
  for (const token of tokens) {
    const siblings = open.at(-1) ?? top
    if (token.nesting === -1) {
      open.pop()
    } else if (token.nesting === 1) {
      const children: MarkdownNode[] = []
      // A tight list has paragraphs that are none.
      siblings.push(...(token.hidden ? [] : [parentOf(token, children)]))
      open.push(token.hidden ? siblings : children)
    } else if (token.type === 'inline') {
      siblings.push(...treeOf(token.children ?? []))
    } else {
      siblings.push(leafOf(token))
    }
  }
  return top
}

function parentOf(token: Token, children: readonly MarkdownNode[]): MarkdownNode {
  if (token.type === 'link_open') return { kind: 'link', address: String(token.attrGet('href') ?? ''), children }
  const tag = TAGS.find((each) => each === token.tag) ?? 'p'
  const start = Number(token.attrGet('start') ?? 1)
  const align = (['left', 'center', 'right'] as const).find((side) => token.attrGet('style') === `text-align:${side}`)
  return { kind: 'element', tag, children, ...(tag === 'ol' && { start }), ...(align !== undefined && { align }) }
}

function leafOf(token: Token): MarkdownNode {
  switch (token.type) {
    case 'fence':
    case 'code_block':
      return { kind: 'code', text: token.content, isBlock: true }
    case 'code_inline':
      return { kind: 'code', text: token.content, isBlock: false }
    case 'hardbreak':
      return { kind: 'break' }
    case 'softbreak':
      return { kind: 'text', text: '\n' }
    case 'hr':
      return { kind: 'rule' }
    case 'image':
      return { kind: 'image', address: String(token.attrGet('src') ?? ''), alt: token.content }
    default:
      return { kind: 'text', text: token.content }
  }
}

/**
 * The file that an address in `from` leads to, of those that there are: relative to its folder, without what stands behind
 * `#` or `?`. Null for anything else, such as an address on the internet or a file that is not there.
 */
export function fileOf(address: string, from: string, files: readonly string[]): string | null {
  const path = (/^[^#?]*/.exec(address)?.[0] ?? '').replace(/^\.\//, '')
  if (path === '' || path.startsWith('/') || /^[a-z][a-z\d+.-]*:/i.test(path)) return null
  const parts = from.split('/').slice(0, -1)
  for (const part of decoded(path).split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return null
    } else if (part !== '.') parts.push(part)
  }
  const found = parts.join('/')
  return files.includes(found) ? found : null
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not every percent sign begins an escape.
    return text
  }
}
