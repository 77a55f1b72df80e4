import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Colours for one stream: none where it is no terminal or NO_COLOR is set. Teal is work done here, amber is paid. */
export function createPaint(stream: NodeJS.WriteStream) {
  const style = (format: Style) => (text: string) => styleText(format, text, { stream })
  return {
    bold: style('bold'),
    dim: style('dim'),
    good: style('green'),
    bad: style('red'),
    needsYou: style('magenta'),
    waiting: style('yellow'),
    local: style('cyan'),
    paid: style('yellow'),
    link: style('underline'),
  }
}
export type Paint = ReturnType<typeof createPaint>
