import { closeSync, openSync, readSync } from 'node:fs'

const CHUNK_BYTES = 1 << 20
const NEWLINE = 0x0a

/** The lines of a file, read as they are wanted. Throws a RangeError for one of more than `maxBytes` bytes. */
export function* linesOf(path: string, maxBytes: number): Generator<string> {
  const file = openSync(path, 'r')
  try {
    let rest: Buffer = Buffer.alloc(0)
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      const read = readSync(file, chunk)
      if (read === 0) break
      rest = rest.byteLength === 0 ? chunk.subarray(0, read) : Buffer.concat([rest, chunk.subarray(0, read)])
      let start = 0
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
        yield rest.toString('utf8', start, end)
        start = end + 1
      }
      rest = rest.subarray(start)
      if (rest.byteLength > maxBytes) throw new RangeError(`a line has more than ${maxBytes} bytes`)
    }
    if (rest.byteLength > 0) yield rest.toString('utf8')
  } finally {
    closeSync(file)
  }
}
