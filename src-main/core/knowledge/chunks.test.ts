import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toChunks } from './chunks.ts'
import { readHtml } from './read-html.ts'
import { readLines } from './read-lines.ts'

test('K2 chunks of any text follow each other without gaps, none is too long, and each says its lines', () => {
  const line = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 4_000 }), fc.constant(''), fc.constant('# Part'))
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 60 }),
      fc.constantFrom('markdown' as const, 'csv' as const, 'code' as const),
      (lines, media) => {
        const text = lines.map((each) => each.replaceAll('\n', ' ')).join('\n')
        const chunks = toChunks(readLines(text, media).pieces)
        expect(chunks.map((chunk) => chunk.text).join('')).toBe(text)
        const of = text.split('\n')
        let at = 0
        for (const chunk of chunks) {
          expect([chunk.start, chunk.end]).toEqual([at, at + chunk.text.length])
          expect(chunk.text.length).toBeLessThanOrEqual(1_600)
          expect(of.slice(chunk.line_start - 1, chunk.line_end).join('\n')).toContain(chunk.text.replace(/\n$/, ''))
          at = chunk.end
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('K2 a part of a Markdown file begins a chunk under its headings, and a fence holds none', () => {
  const body = 'A sentence that fills the part. '.repeat(12)
  const text = `# A\n${body}\n## B\n${body}\n\`\`\`\n# no heading\n\`\`\`\n# C\n${body}\n`
  const chunks = toChunks(readLines(text, 'markdown').pieces)
  expect(chunks.map(({ heading }) => heading)).toEqual(['A', 'A › B', 'C'])
  expect(chunks[1]?.text).toContain('# no heading')
})

test('K2 any page is read without fault, its lines rise, and what is script is not in it', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          '<p>',
          '</p>',
          '<script>',
          'hidden()',
          '</script>',
          '<pre>',
          '</pre>',
          '\n',
          'word ',
          '<h2>',
          '</h2>',
          '<',
          '&amp;',
          '<!--',
          '-->',
        ),
        { maxLength: 80 },
      ),
      (parts) => {
        const { pieces } = readHtml(parts.join(''))
        const lines = pieces.map((piece) => piece.line)
        expect(lines).toEqual(lines.toSorted((a, b) => a - b))
      },
    ),
  )
  expect(readHtml('<p>seen</p><script>hidden()</script><style>p{}</style>').pieces.map(({ text }) => text)).toEqual([
    'seen\n',
  ])
})
