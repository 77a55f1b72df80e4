import type { JSONRPCMessage, ReadBuffer, Transport } from '@modelcontextprotocol/client'
import type { Child } from '../process/children.ts'

/** A server that says more than this in one session floods. */
const MAX_BYTES = 64_000_000
const LAST_WORDS = 2_000

/** A running program that speaks MCP on its standard input and output. */
export interface ServerProcess {
  readonly child: Child
  /** Resolves when it has ended, by itself or by `end`, and what it left is put in order. */
  readonly closed: Promise<void>
  end(): Promise<void>
}

/** What `createChildTransport` needs of the SDK, which is loaded late. */
export interface Framing {
  readonly buffer: ReadBuffer
  serialize(message: JSONRPCMessage): string
}

/** Lines of JSON over the pipes of a child of ours; the SDK's own transport would start one that is not on record. */
export function createChildTransport(
  { child, closed, end }: ServerProcess,
  { buffer, serialize }: Framing,
): Transport & { lastWords(): string } {
  const { stdin, stdout, stderr } = child.process
  let words = ''
  let bytes = 0
  const transport: Transport & { lastWords(): string } = {
    lastWords: () => words.trim(),
    async start() {
      stderr.on('data', (piece: Buffer) => {
        words = (words + piece.toString()).slice(-LAST_WORDS)
      })
      stdout.on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > MAX_BYTES) {
          giveUp(new Error(`it sent more than ${MAX_BYTES} bytes`))
          return
        }
        try {
          buffer.append(piece)
          for (let message = buffer.readMessage(); message !== null; message = buffer.readMessage()) {
            transport.onmessage?.(message)
          }
        } catch (fault) {
          giveUp(fault instanceof Error ? fault : new Error(String(fault)))
        }
      })
      stdin.on('error', () => undefined)
      void closed
        .catch((fault: unknown) => transport.onerror?.(fault instanceof Error ? fault : new Error(String(fault))))
        .then(() => transport.onclose?.())
    },
    send(message) {
      return new Promise((resolve, reject) => {
        stdin.write(serialize(message), (fault) => (fault ? reject(fault) : resolve()))
      })
    },
    async close() {
      await end()
    },
  }

  function giveUp(fault: Error): void {
    stdout.removeAllListeners('data')
    stdout.resume()
    transport.onerror?.(fault)
    // What goes wrong with the end is told where `closed` is listened to.
    end().catch(() => undefined)
  }
  return transport
}
