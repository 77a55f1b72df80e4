import { getBezierPath, Position, ViewportPortal } from '@xyflow/react'
import { memo, useMemo } from 'react'
import { type GraphItem, type Layout, NODE_HEIGHT, NODE_WIDTH } from './layout.ts'

/**
 * The dependencies of a graph that cannot be edited, behind its nodes. Two elements draw all of them: one for each made up
 * most of a large graph. They are a picture; what a task waits for is told by its drawer.
 */
export const EdgeLines = memo(function EdgeLines({
  items,
  layout,
  selected,
}: {
  items: readonly GraphItem[]
  layout: Layout
  selected: string | null
}) {
  const links = useMemo(() => linksOf(items, layout), [items, layout])
  const near = links.filter(({ from, to }) => from === selected || to === selected)
  return (
    <ViewportPortal>
      <svg aria-hidden className="edge-lines" width={layout.width} height={layout.height}>
        <path d={links.map(({ path }) => path).join('')} />
        {near.length > 0 && <path className="near" d={near.map(({ path }) => path).join('')} />}
      </svg>
    </ViewportPortal>
  )
})

function linksOf(items: readonly GraphItem[], { positions }: Layout) {
  return items.flatMap((item) => {
    const target = positions.get(item.id)
    return item.depends_on.flatMap((from) => {
      const source = positions.get(from)
      if (source === undefined || target === undefined) return []
      const [path] = getBezierPath({
        sourceX: source.x + NODE_WIDTH,
        sourceY: source.y + NODE_HEIGHT / 2,
        sourcePosition: Position.Right,
        targetX: target.x,
        targetY: target.y + NODE_HEIGHT / 2,
        targetPosition: Position.Left,
      })
      return [{ from, to: item.id, path }]
    })
  })
}
