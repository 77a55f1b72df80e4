import { StringDecoder } from 'node:string_decoder'

/** Takes output of any length and keeps its beginning and its end, which is where errors stand. */
export interface BoundedOutput {
  add(chunk: Uint8Array): void
  text(): string
}

/** `limit` in UTF-16 units: a third for the beginning, the rest for the end. */
export function createBoundedOutput(limit: number): BoundedOutput {
  const decoder = new StringDecoder('utf8')
  const headLimit = Math.floor(limit / 3)
  const tailLimit = limit - headLimit
  let head = ''
  let tail = ''
  let leftOut = 0

  function take(text: string): void {
    const room = headLimit - head.length
    head += text.slice(0, Math.max(0, room))
    tail += text.slice(Math.max(0, room))
    // Cut only now and then, so that many small pieces do not copy the end again and again.
    if (tail.length > 2 * tailLimit) {
      leftOut += tail.length - tailLimit
      tail = tail.slice(-tailLimit)
    }
  }

  return {
    add: (chunk) => take(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    text() {
      const end = tail.slice(-tailLimit)
      const cut = leftOut + tail.length - end.length
      return cut === 0 ? head + end : `${head}\n… ${cut} characters left out …\n${end}`
    },
  }
}
