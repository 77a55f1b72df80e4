import { connect } from 'node:net'
import type { Answer } from './judge-answer.ts'

/** Whether `text` is a whole answer: its head, and as much as that announces. */
function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const head = text.slice(0, end)
  if (/^transfer-encoding: chunked/im.test(head)) return text.endsWith('0\r\n\r\n')
  return text.length - end - 4 >= Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
}

function read(text: string): Answer | null {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1])
  if (Number.isNaN(status)) return null
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { status, headers, body: rest.join('\r\n\r\n') }
}

/**
 * Writes exactly these bytes to a line of its own and gives the first answer; null where the line was ended without one. The
 * line is ended as soon as the answer is whole, whatever else was announced.
 */
export function speak(port: number, bytes: string): Promise<Answer | null> {
  return new Promise((resolve) => {
    const line = connect(port, '127.0.0.1')
    let text = ''
    const end = () => {
      line.destroy()
      resolve(read(text))
    }
    line.setEncoding('latin1').on('data', (piece: string) => {
      text += piece
      if (isWhole(text)) end()
    })
    line.on('close', end).on('error', end)
    line.write(bytes, 'latin1')
  })
}

/** The head of a request, with exactly these lines below the first. */
export function head(method: string, target: string, lines: readonly string[], version = '1.1'): string {
  return [`${method} ${target} HTTP/${version}`, ...lines, '', ''].join('\r\n')
}

/** A request of a row, with all its bytes. */
export interface Spoken {
  readonly method: string
  readonly bytes: string
}

/** Where the first answer of `text` ends; null while it is not whole. */
function endOf(text: string, method: string): number | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const length = method === 'HEAD' ? 0 : Number(/^content-length: (\d+)/im.exec(text.slice(0, end))?.[1] ?? 0)
  return text.length < end + 4 + length ? null : end + 4 + length
}

/** Writes the requests to one line, one behind the other, and gives their answers; less where the line was ended before. */
function speakInRow(port: number, row: readonly Spoken[]): Promise<Answer[]> {
  return new Promise((resolve) => {
    const line = connect(port, '127.0.0.1')
    const answers: Answer[] = []
    let text = ''
    const end = () => {
      line.destroy()
      resolve(answers)
    }
    line.setEncoding('latin1').on('data', (piece: string) => {
      text += piece
      for (let next = row[answers.length]; next !== undefined; next = row[answers.length]) {
        const whole = endOf(text, next.method)
        const answer = whole === null ? null : read(text.slice(0, whole))
        if (whole === null || answer === null) return
        answers.push(answer)
        text = text.slice(whole)
      }
      end()
    })
    line.on('close', end).on('error', end)
    line.write(row.map(({ bytes }) => bytes).join(''), 'latin1')
  })
}

/** The answer to each request, null where its line was ended without one; those behind it get another line. */
export async function speakAll(port: number, requests: readonly Spoken[]): Promise<(Answer | null)[]> {
  const answers: (Answer | null)[] = []
  while (answers.length < requests.length) {
    const came = await speakInRow(port, requests.slice(answers.length))
    answers.push(...(came.length === 0 ? [null] : came))
  }
  return answers
}
