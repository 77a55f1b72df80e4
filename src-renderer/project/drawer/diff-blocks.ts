/** Lines of one kind that follow each other, so that a long diff is few elements. */
export interface DiffBlock {
  readonly kind: 'file' | 'place' | 'added' | 'removed' | 'same'
  readonly text: string
  /** Number of its first line. */
  readonly at: number
}

/** Cuts a unified diff into blocks. A line of content is told from a header by where it stands. */
export function blocksOf(diff: string): DiffBlock[] {
  const blocks: { kind: DiffBlock['kind']; lines: string[]; at: number }[] = []
  let isHeader = true
  for (const [at, line] of diff.replace(/\n$/, '').split('\n').entries()) {
    if (line.startsWith('diff --git ')) isHeader = true
    else if (line.startsWith('@@')) isHeader = false
    const kind = isHeader ? 'file' : kindOf(line)
    const last = blocks.at(-1)
    if (last?.kind === kind) last.lines.push(line)
    else blocks.push({ kind, lines: [line], at })
  }
  return blocks.map(({ kind, lines, at }) => ({ kind, text: lines.join('\n'), at }))
}

function kindOf(line: string): DiffBlock['kind'] {
  if (line.startsWith('@@')) return 'place'
  if (line.startsWith('+')) return 'added'
  if (line.startsWith('-')) return 'removed'
  return 'same'
}
