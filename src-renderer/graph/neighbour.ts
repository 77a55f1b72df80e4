import type { GraphItem, Layout } from './layout.ts'

export type Direction = 'left' | 'right' | 'up' | 'down'

/** Where an arrow key leads from a node: along a dependency, or up and down its column. Null: nowhere. */
export function neighbour(
  items: readonly GraphItem[],
  layout: Layout,
  id: string,
  direction: Direction,
): string | null {
  const from = layout.positions.get(id)
  if (from === undefined) return null
  const needs = new Set(items.find((item) => item.id === id)?.depends_on)
  const reachable = items.filter((item) => {
    const at = layout.positions.get(item.id)
    if (at === undefined || item.id === id) return false
    if (direction === 'right') return item.depends_on.includes(id)
    if (direction === 'left') return needs.has(item.id)
    return at.x === from.x && (direction === 'down' ? at.y > from.y : at.y < from.y)
  })
  let nearest: { id: string; distance: number } | null = null
  for (const item of reachable) {
    const distance = Math.abs((layout.positions.get(item.id)?.y ?? 0) - from.y)
    if (nearest === null || distance < nearest.distance) nearest = { id: item.id, distance }
  }
  return nearest?.id ?? null
}

const KEYS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** The direction of an arrow key; null for other keys. */
export function directionOf(key: string): Direction | null {
  return KEYS[key] ?? null
}
