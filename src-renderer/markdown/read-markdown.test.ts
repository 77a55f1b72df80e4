import { expect, test } from 'vitest'
import { isMarkdownPath } from './markdown-path.ts'
import { fileOf, type MarkdownNode, readMarkdown } from './read-markdown.ts'

/** A tree in one line, so that a test can be read. */
function told(nodes: readonly MarkdownNode[] | null): string {
  if (nodes === null) return 'source'
  return nodes
    .map((node) => {
      if (node.kind === 'text') return node.text
      if (node.kind === 'code') return node.isBlock ? `code{${node.text}}` : `\`${node.text}\``
      if (node.kind === 'image') return `image(${node.address} ${node.alt})`
      if (node.kind === 'link') return `link(${node.address} ${told(node.children)})`
      if (node.kind === 'element') return `${node.tag}${node.start ?? ''}${node.align ?? ''}[${told(node.children)}]`
      return node.kind
    })
    .join(' ')
}

test.each([
  ['# Owls\n\nTwo *kinds*, **both** ~~loud~~.', 'h1[Owls] p[Two  em[kinds] ,  strong[both]   s[loud] .]'],
  ['- one\n- two\n  1. inner', 'ul[li[one] li[two ol1[li[inner]]]]'],
  ['3. three', 'ol3[li[three]]'],
  ['> said\n\n---', 'blockquote[p[said]] rule'],
  ['`a` and\n\n```ts\nlet b\n```', 'p[`a`  and] code{let b\n}'],
  ['[Robin](birds/robin.md) ![it](owl.png)', 'p[link(birds/robin.md Robin)   image(owl.png it)]'],
  ['| a | b |\n|:--|--:|\n| 1 | 2 |', 'table[thead[tr[thleft[a] thright[b]]] tbody[tr[tdleft[1] tdright[2]]]]'],
  ['a  \nb\nc', 'p[a break b \n c]'],
])('U2 reads %j', (text, tree) => {
  expect(told(readMarkdown(text))).toBe(tree)
})

test.each([
  ['<img src=x onerror=alert(1)>', 'p[<img src=x onerror=alert(1)>]'],
  ['<script>alert(1)</script>\n\nx', 'p[<script>alert(1)</script>] p[x]'],
  ['[a](javascript:alert(1))', 'p[[a](javascript:alert(1))]'],
  ['![a](data:text/html,x)', 'p[![a](data:text/html,x)]'],
  ['https://evil.example/x', 'p[https://evil.example/x]'],
])('S10 leaves %j the characters that it is', (text, tree) => {
  expect(told(readMarkdown(text))).toBe(tree)
})

test.each([
  ['longer than 200,000 characters', 'a '.repeat(100_001)],
  ['a table of too many cells', `${'|a'.repeat(100)}\n${'|-'.repeat(100)}\n${'|\n'.repeat(500)}`],
])('U2 shows the source of what is %s', (_, text) => {
  expect(readMarkdown(text)).toBeNull()
})

test.each([
  '> '.repeat(50_000),
  '['.repeat(100_000),
  '*_'.repeat(50_000),
  '- '.repeat(50_000),
  `${'  - a\n'.repeat(9_000)}`,
])('S10 reads a text that was made to be deep without going deep: %.10s…', (text) => {
  const depth = (nodes: readonly MarkdownNode[]): number =>
    Math.max(0, ...nodes.map((node) => ('children' in node ? 1 + depth(node.children) : 1)))
  expect(depth(readMarkdown(text) ?? [])).toBeLessThan(50)
})

test('U2 finds the file that an address leads to, among those that there are', () => {
  const files = ['index.md', 'birds/robin.md', 'birds/great tit.md', 'owl.png']
  const from = (address: string, of: string) => fileOf(address, of, files)
  expect(from('birds/robin.md', 'index.md')).toBe('birds/robin.md')
  expect(from('./robin.md#song', 'birds/great tit.md')).toBe('birds/robin.md')
  expect(from('great%20tit.md', 'birds/robin.md')).toBe('birds/great tit.md')
  expect(from('../owl.png', 'birds/robin.md')).toBe('owl.png')
  for (const other of [
    '../../owl.png',
    '/owl.png',
    'https://a.example/owl.png',
    '//a/owl.png',
    'none.md',
    '#x',
    '',
    '%',
  ])
    expect(from(other, 'birds/robin.md'), other).toBeNull()
})

test('U2 takes files for Markdown by their names', () => {
  expect(['a.md', 'B.MD', 'c.markdown', 'd.mdx', 'md', 'e.txt'].filter(isMarkdownPath)).toEqual([
    'a.md',
    'B.MD',
    'c.markdown',
  ])
})
