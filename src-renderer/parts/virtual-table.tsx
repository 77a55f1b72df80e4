import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useRef } from 'react'
import { classNames } from './class-names.ts'

export interface Column<Row> {
  readonly name: string
  readonly label: string
  /** A CSS grid track: `minmax(0,1fr)`, `96px`. */
  readonly width: string
  readonly numeric?: boolean
  readonly cell: (row: Row) => ReactNode
}

/** A table that draws only the rows in sight: ten thousand rows scroll like ten. `onEnd` asks for more rows. */
export function VirtualTable<Row>({
  label,
  rows,
  columns,
  rowKey,
  onEnd,
  footer,
}: {
  label: string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string | number
  onEnd?: () => void
  footer?: ReactNode
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const rowHeight = document.documentElement.dataset['density'] === 'compact' ? 28 : 36
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    onChange: (instance) => {
      const last = instance.getVirtualItems().at(-1)
      if (last !== undefined && last.index >= rows.length - 20) onEnd?.()
    },
  })
  const template = { gridTemplateColumns: columns.map((column) => column.width).join(' ') }
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-auto">
      {/* biome-ignore-start lint/a11y/useSemanticElements: rows of a <table> cannot be placed one by one */}
      {/* biome-ignore-start lint/a11y/useFocusableInteractive: nothing in a row of this table is operated by itself */}
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} className="min-w-max">
        <div role="rowgroup" className="sticky top-0 z-10 bg-ground">
          <div role="row" style={template} className="grid border-b">
            {columns.map((column) => (
              <div
                key={column.name}
                role="columnheader"
                className={classNames(
                  'h-8 px-2 text-xs leading-8 font-medium text-ink-3',
                  column.numeric === true && 'text-right',
                )}
              >
                {column.label}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            return (
              <div
                key={rowKey(row)}
                role="row"
                aria-rowindex={item.index + 2}
                style={{ ...template, height: item.size, transform: `translateY(${item.start}px)` }}
                className="absolute inset-x-0 top-0 grid items-center border-b hover:bg-hover"
              >
                {columns.map((column) => (
                  <div
                    key={column.name}
                    role="cell"
                    className={classNames('min-w-0 truncate px-2', column.numeric === true && 'figures text-right')}
                  >
                    {column.cell(row)}
                  </div>
                ))}
              </div>
            )
          })}
        </div>
      </div>
      {/* biome-ignore-end lint/a11y/useFocusableInteractive: see above */}
      {/* biome-ignore-end lint/a11y/useSemanticElements: rows of a <table> cannot be placed one by one */}
      {footer}
    </div>
  )
}
