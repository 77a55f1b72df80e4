/** One line of the report. A figure without a target is only told. */
export interface Figure {
  readonly what: string
  readonly figure: string
  /** What the bare server of its kind did. */
  readonly ceiling?: string
  readonly ratio?: number
  readonly target?: string
  readonly isMet?: boolean
}

export interface Report {
  add(figure: Figure): void
  /** Prints all of it; tells whether every target is met. */
  print(): boolean
}

const HEADS = ['figure', 'measured', 'ceiling', 'ratio', 'target', 'met'] as const

export function createReport(): Report {
  const figures: Figure[] = []
  const cells = ({ what, figure, ceiling, ratio, target, isMet }: Figure): string[] => [
    ...[what, figure, ceiling ?? '', ratio?.toFixed(2) ?? '', target ?? ''],
    isMet === undefined ? '' : isMet ? 'yes' : 'NO',
  ]
  return {
    add(figure) {
      figures.push(figure)
      // Who waits for minutes sees that something goes on.
      console.error(cells(figure).join(' | '))
    },
    print() {
      const rows = [[...HEADS], ...figures.map(cells)]
      const widths = HEADS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
      for (const row of rows)
        console.log(
          row
            .map((cell, column) => cell.padEnd(widths[column] ?? 0))
            .join(' | ')
            .trimEnd(),
        )
      return figures.every(({ isMet }) => isMet !== false)
    },
  }
}
