import { Graph, layout as place } from '@dagrejs/dagre'

export const NODE_WIDTH = 220
export const NODE_HEIGHT = 64
const LAYER_GAP = 56
const ROW_GAP = 16
/** Above this, dagre's careful ranking takes longer than a click may. */
const MANY = 150

/** What the layout needs to know of a task. */
export type GraphItem = { id: string; depends_on: readonly string[] }

export type Layout = {
  /** Top left corner of each node. */
  positions: ReadonlyMap<string, { x: number; y: number }>
  width: number
  height: number
}

const KEPT = 8
const kept = new Map<string, Layout>()

/**
 * Places tasks from left to right, every task right of all it depends on. The result depends on the structure alone:
 * the same items give the same object again, so that a change of state never moves a node.
 */
export function layoutGraph(items: readonly GraphItem[]): Layout {
  const key = structureOf(items)
  const known = kept.get(key)
  if (known !== undefined) return known
  const fresh = items.length > MANY ? placeInColumns(items) : placeWithDagre(items)
  kept.set(key, fresh)
  const oldest = kept.keys().next()
  if (kept.size > KEPT && oldest.done === false) kept.delete(oldest.value)
  return fresh
}

/** A text that is equal for equal structures. */
export function structureOf(items: readonly GraphItem[]): string {
  return items.map((item) => `${item.id}<${item.depends_on.join(',')}`).join(';')
}

function placeWithDagre(items: readonly GraphItem[]): Layout {
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: ROW_GAP, ranksep: LAYER_GAP })
  graph.setDefaultEdgeLabel(() => ({}))
  const ids = new Set(items.map((item) => item.id))
  for (const item of items) graph.setNode(item.id, { width: NODE_WIDTH, height: NODE_HEIGHT })
  for (const item of items) for (const on of item.depends_on) if (ids.has(on)) graph.setEdge(on, item.id)
  place(graph)
  const positions = new Map<string, { x: number; y: number }>()
  for (const item of items) {
    const node = graph.node(item.id)
    // dagre tells centres.
    positions.set(item.id, { x: (node.x ?? 0) - NODE_WIDTH / 2, y: (node.y ?? 0) - NODE_HEIGHT / 2 })
  }
  return measured(asListed(items, positions))
}

/** Turned upside down where that puts more tasks below those that are listed before them: dagre does not care. */
function asListed(
  items: readonly GraphItem[],
  positions: ReadonlyMap<string, { x: number; y: number }>,
): ReadonlyMap<string, { x: number; y: number }> {
  const above = new Map<number, number>()
  let balance = 0
  let bottom = 0
  for (const item of items) {
    const { x, y } = positions.get(item.id) ?? { x: 0, y: 0 }
    balance += Math.sign(y - (above.get(x) ?? y))
    above.set(x, y)
    bottom = Math.max(bottom, y)
  }
  if (balance >= 0) return positions
  return new Map([...positions].map(([id, { x, y }]) => [id, { x, y: bottom - y }]))
}

/** For large graphs: one column per layer, rows ordered by the mean row of what each task depends on. */
function placeInColumns(items: readonly GraphItem[]): Layout {
  const positions = new Map<string, { x: number; y: number }>()
  const rowOf = new Map<string, number>()
  layersOf(items).forEach((layer, column) => {
    const wish = (item: GraphItem) => {
      const rows = item.depends_on.map((id) => rowOf.get(id)).filter((row) => row !== undefined)
      return rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + row, 0) / rows.length
    }
    const ordered = layer.map((item) => ({ id: item.id, wish: wish(item) })).sort((one, two) => one.wish - two.wish)
    ordered.forEach(({ id }, index) => {
      const row = index - (ordered.length - 1) / 2
      rowOf.set(id, row)
      positions.set(id, { x: column * (NODE_WIDTH + LAYER_GAP), y: row * (NODE_HEIGHT + ROW_GAP) })
    })
  })
  const top = Math.min(0, ...[...positions.values()].map((position) => position.y))
  for (const position of positions.values()) position.y -= top
  return measured(positions)
}

function measured(positions: ReadonlyMap<string, { x: number; y: number }>): Layout {
  let width = 0
  let height = 0
  for (const { x, y } of positions.values()) {
    width = Math.max(width, x + NODE_WIDTH)
    height = Math.max(height, y + NODE_HEIGHT)
  }
  return { positions, width, height }
}

/** Items by depth: the first layer depends on nothing. Members of a circle stand in a last layer of their own. */
export function layersOf<T extends GraphItem>(items: readonly T[]): T[][] {
  const present = new Set(items.map((item) => item.id))
  const open = new Map<string, number>()
  const dependants = new Map<string, T[]>()
  for (const item of items) {
    const known = [...new Set(item.depends_on)].filter((id) => present.has(id))
    open.set(item.id, known.length)
    for (const on of known) dependants.set(on, [...(dependants.get(on) ?? []), item])
  }
  const layers: T[][] = []
  let layer = items.filter((item) => open.get(item.id) === 0)
  const placed = new Set<string>()
  while (layer.length > 0) {
    layers.push(layer)
    const next: T[] = []
    for (const item of layer) {
      placed.add(item.id)
      for (const dependant of dependants.get(item.id) ?? []) {
        const left = (open.get(dependant.id) ?? 0) - 1
        open.set(dependant.id, left)
        if (left === 0) next.push(dependant)
      }
    }
    layer = next
  }
  const rest = items.filter((item) => !placed.has(item.id))
  return rest.length > 0 ? [...layers, rest] : layers
}
