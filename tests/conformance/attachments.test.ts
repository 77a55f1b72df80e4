import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newProject } from '../../src-contract/project.ts'
import { pngOf } from '../doubles/png.ts'
import { anthropicDouble, coreBench, must } from '../support/core-bench.ts'
import { makePdf } from '../support/make-pdf.ts'

const PDF = makePdf([['The kestrel nests in June.'], ['The owl nests in March.']])
const LATIN = Buffer.from('M\xe4use und Eulen\n', 'latin1')

const file = (name: string, content: Uint8Array) => ({ name, base64: Buffer.from(content).toString('base64') })

test('P1 PDFs, images and texts of any encoding are attached as they are, and what they say can be read', async () => {
  const double = await anthropicDouble()
  const bench = await coreBench({ anthropic: double })
  const image = pngOf(2, 2, 0x336699)
  const attachments = [
    file('birds.pdf', PDF),
    file('owl.png', image),
    file('mice.csv', LATIN),
    file('raw.bin', Buffer.of(0, 255, 0)),
  ]
  const project = await bench.plan('Compare the birds', {
    attachments: [...attachments, { name: 'a.md', text: '# A' }],
  })
  const at = (name: string): Buffer => readFileSync(join(project.workspace, 'inputs', name))
  expect(at('birds.pdf').equals(PDF)).toBe(true)
  expect(at('owl.png').equals(image)).toBe(true)
  expect(at('mice.csv').equals(LATIN)).toBe(true)
  expect(at('birds.pdf.txt').toString()).toBe(
    '[Page 1]\nThe kestrel nests in June.\n\n[Page 2]\nThe owl nests in March.\n',
  )
  expect(at('mice.csv.txt').toString()).toBe('Mäuse und Eulen\n')
  const asked = JSON.stringify(double.record.calls.find((call) => call.path === '/v1/messages')?.body)
  expect(asked).toContain('The owl nests in March.')
  expect(asked).toContain('(an image, image/png; see below)')
  expect(asked).not.toContain('%PDF-')
  expect(must(await bench.core.projects.artifacts(project.id)).items.map(({ path }) => path)).not.toContain('raw.bin')
  expect(project.attachments.map(({ name }) => name).toSorted()).toEqual(
    ['a.md', 'birds.pdf', 'birds.pdf.txt', 'mice.csv', 'mice.csv.txt', 'owl.png', 'raw.bin'].toSorted(),
  )
})

test('P1 a PDF without text to be had is attached all the same, and says so', async () => {
  const bench = await coreBench({ anthropic: await anthropicDouble() })
  const damaged = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(2_000, 7)])
  const attachments = [file('damaged.pdf', damaged), file('empty.pdf', makePdf([[]]))]
  const project = must(await bench.core.projects.create(newProject.parse({ requirements: 'Read these', attachments })))
  for (const { name } of attachments) {
    const said = readFileSync(join(project.workspace, 'inputs', `${name}.txt`), 'utf8')
    expect(said).toMatch(new RegExp(`^\\[No text could be taken from ${name}\\. .+\\]\\n$`))
  }
})

test('P1 the text that a person gives beside a PDF is theirs', async () => {
  const bench = await coreBench({ anthropic: await anthropicDouble() })
  const attachments = [file('a.pdf', PDF), { name: 'A.pdf.txt', text: 'My own notes.' }]
  const project = must(await bench.core.projects.create(newProject.parse({ requirements: 'Read these', attachments })))
  expect(project.attachments.map(({ name }) => name).toSorted()).toEqual(['A.pdf.txt', 'a.pdf'])
})

test('P1 what is no base64, or both kinds at once, is refused', () => {
  for (const attachment of [{ name: 'a', base64: 'not base64!' }, { name: 'a', text: '', base64: '' }, { name: 'a' }]) {
    expect(newProject.safeParse({ requirements: 'x', attachments: [attachment] }).success).toBe(false)
  }
})
