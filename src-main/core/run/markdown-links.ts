/**
 * The targets of inline links, images and reference definitions of a markdown text, in order; code, HTML comments and
 * escaped brackets are passed over. A scanner instead of one pattern, so that it stays linear on any text.
 */
export function markdownLinks(text: string): string[] {
  const prose = withoutInlineCode(withoutBlocks(text)).split('\n').map(withoutInlineComments).join('\n')
  return [...inlineTargets(prose), ...definitionTargets(prose)]
}

/** Without fenced code and HTML comments. What opens first counts: a comment inside a fence is code. */
function withoutBlocks(text: string): string {
  const kept: string[] = []
  let fence: string | null = null
  let isComment = false
  for (const line of text.split(/\r?\n/)) {
    if (isComment) {
      isComment = !line.includes('-->')
      continue
    }
    const mark = /^ {0,3}(?:> ?)*(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence !== null) {
      const isEnd = mark?.startsWith(fence) === true && /^[\s>]*[`~]+\s*$/.test(line)
      if (isEnd) fence = null
    } else if (mark !== undefined && isFence(line, mark)) fence = mark
    else if (/^ {0,3}<!--/.test(line)) isComment = !line.includes('-->', line.indexOf('<!--') + 2)
    else kept.push(line)
  }
  return kept.join('\n')
}

/** Backticks after the opening ones make it inline code. */
function isFence(line: string, mark: string): boolean {
  return mark.startsWith('~') || !line.slice(line.indexOf(mark) + mark.length).includes('`')
}

function withoutInlineComments(line: string): string {
  let kept = ''
  let at = 0
  for (;;) {
    const start = line.indexOf('<!--', at)
    const end = start === -1 ? -1 : line.indexOf('-->', start + 4)
    if (end === -1) return kept + line.slice(at)
    if (line[start - 1] === '\\') {
      kept += line.slice(at, start + 4)
      at = start + 4
      continue
    }
    kept += `${line.slice(at, start)} `
    at = end + 3
  }
}

function withoutInlineCode(text: string): string {
  return text
    .split(/\n[ \t]*\n/)
    .map(withoutCodeSpans)
    .join('\n\n')
}

/** A run of backticks closes with the next run of the same length in the same paragraph; one that does not is text. */
function withoutCodeSpans(paragraph: string): string {
  const runs = [...paragraph.matchAll(/`+/g)].map((match) => ({ start: match.index, length: match[0].length }))
  const nextOfLength = new Map<number, number>()
  const closer = runs
    .toReversed()
    .map(({ start, length }) => {
      const next = nextOfLength.get(length) ?? -1
      nextOfLength.set(length, start)
      return next
    })
    .reverse()
  let kept = ''
  let at = 0
  for (const [index, run] of runs.entries()) {
    const end = closer[index] ?? -1
    if (run.start < at || end === -1) continue
    kept += paragraph.slice(at, run.start)
    at = end + run.length
  }
  return kept + paragraph.slice(at)
}

function inlineTargets(prose: string): string[] {
  const targets: string[] = []
  for (let at = prose.indexOf(']('); at !== -1; at = prose.indexOf('](', at + 2)) {
    if (prose[at - 1] === '\\') continue
    const target = targetAt(prose, at + 2)
    if (target !== null) targets.push(target)
  }
  return targets
}

const MAX_TARGET = 2_000

/** The target that starts here: in angle brackets, or up to white space or a closing bracket of its own. */
function targetAt(prose: string, start: number): string | null {
  const text = prose.slice(start, start + MAX_TARGET).trimStart()
  if (text.startsWith('<')) return /^<([^<>\n]*)>/.exec(text)?.[1] ?? null
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? ''
    if (sign === '\\') at += 1
    else if (sign === '(') depth += 1
    else if (/\s/.test(sign) || (sign === ')' && depth === 0)) return unescaped(text.slice(0, at))
    else if (sign === ')') depth -= 1
  }
  return null
}

function unescaped(target: string): string {
  return target.replace(/\\([!-/:-@[-`{-~])/g, '$1')
}

/** `[name]: target` at the start of a line; footnotes (`[^1]: text`) are no links. */
function definitionTargets(prose: string): string[] {
  return [...prose.matchAll(/^ {0,3}\[(?!\^)[^\]\n]{1,200}\]:[ \t]+(\S+)/gm)].map((match) =>
    unescaped((match[1] ?? '').replace(/^<(.*)>$/, '$1')),
  )
}
