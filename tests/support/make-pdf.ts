import { deflateSync } from 'node:zlib'

/** A PDF of pages with lines of text, as small as one can be; its contents are packed. */
export function makePdf(pages: readonly (readonly string[])[]): Uint8Array {
  return pdfOf(
    pages.map((lines) => {
      const shown = lines.map((line) => `(${line.replace(/[\\()]/g, '\\$&')}) Tj T*`)
      return deflateSync(`BT /F1 12 Tf 72 720 Td 14 TL ${shown.join('\n')} ET`)
    }),
  )
}

/** A PDF of a few hundred kilobytes whose only page unpacks to `megabytes` of text that is drawn. */
export function makePdfBomb(megabytes: number): Uint8Array {
  const line = '(drawn over and over again) Tj T*\n'
  const drawn = Buffer.alloc(megabytes * 1_048_576, line)
  return pdfOf([
    deflateSync(Buffer.concat([Buffer.from('BT /F1 12 Tf 72 720 Td 14 TL\n'), drawn, Buffer.from('\nET')])),
  ])
}

function pdfOf(contents: readonly Uint8Array[]): Uint8Array {
  const first = 4
  const kids = contents.map((_, page) => `${first + page * 2} 0 R`).join(' ')
  const objects: Buffer[] = [
    Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'),
    Buffer.from(`<< /Type /Pages /Kids [${kids}] /Count ${contents.length} >>`),
    Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'),
    ...contents.flatMap((content, page) => [
      Buffer.from(
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${first + page * 2 + 1} 0 R >>`,
      ),
      Buffer.concat([
        Buffer.from(`<< /Length ${content.length} /Filter /FlateDecode >>\nstream\n`),
        content,
        Buffer.from('\nendstream'),
      ]),
    ]),
  ]
  const parts = [Buffer.from('%PDF-1.7\n')]
  const offsets: number[] = []
  let length = parts[0]?.length ?? 0
  for (const [index, object] of objects.entries()) {
    offsets.push(length)
    const whole = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from('\nendobj\n')])
    parts.push(whole)
    length += whole.length
  }
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  parts.push(
    Buffer.from(
      `xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`,
    ),
  )
  return Buffer.concat(parts)
}
