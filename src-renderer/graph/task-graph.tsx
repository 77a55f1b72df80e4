import './graph.css'
import {
  type Connection,
  Controls,
  type Edge,
  MiniMap,
  type Node,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  useStoreApi,
} from '@xyflow/react'
import { type ReactNode, type RefObject, useCallback, useEffect, useMemo, useRef } from 'react'
import { EdgeLines } from './edge-lines.tsx'
import { GraphNode, HANDLES, type HeldKeys, type NodeSetting, NodeSettingContext } from './graph-node.tsx'
import { type GraphItem, type Layout, layoutGraph, NODE_HEIGHT, NODE_WIDTH } from './layout.ts'
import { directionOf, neighbour } from './neighbour.ts'

const MINIMAP_FROM = 40
const MAP_WIDTH = 200
/** In a narrower graph the small map would cover what it maps. */
const MINIMAP_WIDTH = 600
/** A graph that would be drawn smaller than this is shown from its beginning instead of as a whole. */
const SMALLEST_FIT = 0.4
/** Drawn smaller than this, a node shows its title alone, in larger letters. */
const FAR = 0.55
/** Drawn smaller than this, nothing on a node can be read. */
const MARKS = 0.25
/** From this zoom on, nodes can be read well. */
const READABLE = 0.65
/** Below the nodes is room for the controls and the attribution. */
const FIT_PADDING = { top: '16px', left: '16px', right: '16px', bottom: '48px' } as const
const NO_KEYS: HeldKeys = { shiftKey: false, ctrlKey: false, metaKey: false }
const NO_EDGES: Edge[] = []
const nodeTypes = { task: GraphNode }

export type TaskGraphProps<T extends GraphItem> = {
  /** Name of the graph for screen readers. */
  label: string
  items: readonly T[]
  /** The one that is looked at: its edges are marked, and it is brought into view. */
  selected: string | null
  /** `held`: the keys held with a click. */
  onSelect: (id: string, held: HeldKeys) => void
  /** Several that are chosen; absent: `selected` alone. */
  chosen?: ReadonlySet<string>
  /** Given: a box drawn with Shift held chooses what it touches. */
  onBox?: (ids: readonly string[]) => void
  draw: (item: T) => ReactNode
  /** What a screen reader says of a node. */
  nameOf: (item: T) => string
  /** A CSS colour for the node's mark in the small map, and from far away. */
  colourOf: (item: T) => string
  /** Given: dependencies can be drawn from node to node, and removed by selecting an edge and pressing Delete. */
  onConnect?: (from: string, to: string) => void
  onDisconnect?: (from: string, to: string) => void
  /** Ids to keep in view, as long as `onLeave` has not been called. */
  follow?: readonly string[]
  /** The user moved the view by hand. */
  onLeave?: () => void
}

/** Tasks from left to right. Only what is in sight is drawn. */
export function TaskGraph<T extends GraphItem>(props: TaskGraphProps<T>) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  )
}

function Flow<T extends GraphItem>(props: TaskGraphProps<T>) {
  const { items, selected, onSelect, onConnect, onDisconnect, draw, nameOf, colourOf } = props
  const layout = layoutGraph(items)
  const nodes = useNodes(items, layout, selected, props.chosen)
  useBox(props.onBox, layout)
  const isEditable = onConnect !== undefined
  const edges = useEdges(items, selected, isEditable)
  const flow = useReactFlow()
  const isMoved = useRef(false)
  useView(props, layout, isMoved)
  useSelectedInView(selected, layout)
  const isFar = useStore((store) => store.transform[2] < FAR)
  const isMarks = useStore((store) => store.transform[2] < MARKS)
  const hasRoom = useStore((store) => store.width >= MINIMAP_WIDTH)
  const onArrow = useCallback(
    (id: string, key: string) => {
      const direction = directionOf(key)
      const next = direction === null ? null : neighbour(items, layout, id, direction)
      if (next === null) return direction !== null
      const at = layout.positions.get(next)
      if (at !== undefined) void flow.setCenter(at.x + NODE_WIDTH / 2, at.y + NODE_HEIGHT / 2, { zoom: flow.getZoom() })
      onSelect(next, NO_KEYS)
      // The node may only be drawn once it is in view.
      requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-node="${CSS.escape(next)}"]`)?.focus())
      return true
    },
    [items, layout, flow, onSelect],
  )
  const setting = useMemo<NodeSetting>(
    () => ({
      draw: draw as NodeSetting['draw'],
      nameOf: nameOf as NodeSetting['nameOf'],
      markOf: isMarks ? (colourOf as NodeSetting['nameOf']) : null,
      onSelect,
      onArrow,
      connectable: isEditable,
    }),
    [draw, nameOf, colourOf, isMarks, onSelect, onArrow, isEditable],
  )
  const nodeColour = useCallback((node: Node) => colourOf(node.data['item'] as T), [colourOf])
  return (
    <NodeSettingContext value={setting}>
      <ReactFlow
        className={isFar ? 'task-graph far' : 'task-graph'}
        onMouseDownCapture={(event) => {
          // A box is drawn, no text is marked.
          if (event.shiftKey && props.onBox !== undefined) event.preventDefault()
        }}
        aria-label={props.label}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        onlyRenderVisibleElements
        nodesDraggable={false}
        nodesConnectable={isEditable}
        nodesFocusable={false}
        edgesFocusable={onDisconnect !== undefined}
        elementsSelectable={onDisconnect !== undefined}
        deleteKeyCode={null}
        attributionPosition="bottom-right"
        minZoom={0.05}
        maxZoom={1.5}
        selectionKeyCode={props.onBox === undefined ? null : 'Shift'}
        multiSelectionKeyCode={null}
        onConnect={(link: Connection) => onConnect?.(link.source, link.target)}
        onConnectEnd={(event, { isValid, fromNode, fromHandle }) => {
          // The handles are small when the graph is: dropping anywhere on a task will do.
          const to = isValid === true || fromNode === null ? null : nodeUnder(event)
          if (to === null || fromNode === null || to === fromNode.id) return
          if (fromHandle?.type === 'target') onConnect?.(to, fromNode.id)
          else onConnect?.(fromNode.id, to)
        }}
        onEdgeDoubleClick={(_, edge) => onDisconnect?.(edge.source, edge.target)}
        onKeyDown={(event) => {
          const edge = event.target instanceof Element ? event.target.closest('.react-flow__edge') : null
          const [from, to] = edge?.getAttribute('data-id')?.split('>') ?? []
          if ((event.key === 'Delete' || event.key === 'Backspace') && from !== undefined && to !== undefined) {
            event.preventDefault()
            onDisconnect?.(from, to)
          }
        }}
        onMoveStart={(event) => {
          if (event === null) return
          isMoved.current = true
          props.onLeave?.()
        }}
      >
        {!isEditable && <EdgeLines items={items} layout={layout} selected={selected} />}
        <Controls showInteractive={false} position="bottom-left" orientation="horizontal" />
        {hasRoom && items.length > MINIMAP_FROM && (
          <MiniMap pannable zoomable ariaLabel="Small map" style={mapSize(layout)} nodeColor={nodeColour} />
        )}
      </ReactFlow>
    </NodeSettingContext>
  )
}

/** The small map in the shape of the graph, so that it covers no more of it than it must. */
function mapSize({ width, height }: Layout): { width: number; height: number } {
  return {
    width: MAP_WIDTH,
    height: Math.max(48, Math.min(150, Math.round((MAP_WIDTH * height) / Math.max(1, width)) + 16)),
  }
}

const SIZE = { width: NODE_WIDTH, height: NODE_HEIGHT }
/** All nodes are alike. The library draws each node that it has to measure, in sight or not, and draws it anew afterwards. */
const MEASURES = { ...SIZE, measured: SIZE, handles: HANDLES }

/** One node object per item, the same one until the item, its place or its selection changes. */
function useNodes(
  items: readonly GraphItem[],
  layout: Layout,
  selected: string | null,
  chosen: ReadonlySet<string> | undefined,
): Node[] {
  const kept = useRef(new WeakMap<GraphItem, Node>())
  return useMemo(
    () =>
      items.map((item) => {
        const position = layout.positions.get(item.id) ?? { x: 0, y: 0 }
        const isSelected = chosen === undefined ? item.id === selected : chosen.has(item.id)
        const known = kept.current.get(item)
        if (known !== undefined && known.position === position && known.selected === isSelected) return known
        const node: Node = { id: item.id, type: 'task', position, data: { item }, selected: isSelected, ...MEASURES }
        kept.current.set(item, node)
        return node
      }),
    [items, layout, selected, chosen],
  )
}

/** Tells what a box touches while it is being drawn. */
function useBox(onBox: ((ids: readonly string[]) => void) | undefined, layout: Layout): void {
  const box = useStore((store) => (store.userSelectionActive ? store.userSelectionRect : null))
  const store = useStoreApi()
  const told = useRef('')
  useEffect(() => {
    if (box === null || onBox === undefined) {
      told.current = ''
      return
    }
    const [left, top, zoom] = store.getState().transform
    const ids: string[] = []
    for (const [id, at] of layout.positions) {
      const x = at.x * zoom + left
      const y = at.y * zoom + top
      const isBeside = x > box.x + box.width || x + NODE_WIDTH * zoom < box.x
      if (!isBeside && y <= box.y + box.height && y + NODE_HEIGHT * zoom >= box.y) ids.push(id)
    }
    const text = ids.join(' ')
    if (ids.length === 0 || told.current === text) return
    told.current = text
    onBox(ids)
  }, [box, onBox, layout, store])
}

/** The task under a pointer that was let go; null where there is none. */
function nodeUnder(event: MouseEvent | TouchEvent): string | null {
  const point = 'changedTouches' in event ? event.changedTouches[0] : event
  if (point === undefined) return null
  const under = document.elementFromPoint(point.clientX, point.clientY)
  return under?.closest('.react-flow__node')?.getAttribute('data-id') ?? null
}

/** The edges of a graph that can be edited; those of others are mere lines. */
function useEdges(items: readonly GraphItem[], selected: string | null, isEditable: boolean): Edge[] {
  return useMemo(() => {
    if (!isEditable) return NO_EDGES
    const present = new Set(items.map((item) => item.id))
    return items.flatMap((item) =>
      item.depends_on
        .filter((on) => present.has(on))
        .map(
          (on): Edge => ({
            id: `${on}>${item.id}`,
            source: on,
            target: item.id,
            ariaLabel: `${item.id} depends on ${on}`,
            ...(on === selected || item.id === selected ? { className: 'near' } : {}),
          }),
        ),
    )
  }, [items, selected, isEditable])
}

/**
 * Shows the whole graph at first, the start of a large one; afterwards what is followed. Another size of the window shows it
 * anew, unless a person has moved the view; a drawer that opens does not, because nothing moves under the pointer.
 */
function useView<T extends GraphItem>(
  { follow, items }: TaskGraphProps<T>,
  layout: Layout,
  isMoved: RefObject<boolean>,
): void {
  const flow = useReactFlow()
  const store = useStoreApi()
  const width = useStore((store) => store.width)
  const height = useStore((store) => store.height)
  const isMeasured = width > 0 && height > 0
  const shown = useRef(false)
  const windowSize = useRef('')
  const followed = follow?.join(',') ?? ''
  useEffect(() => {
    if (!isMeasured || items.length === 0) return
    const size = `${window.innerWidth}x${window.innerHeight}`
    const isResized = windowSize.current !== size && !isMoved.current
    windowSize.current = size
    const whole = Math.min(width / layout.width, height / layout.height)
    const duration = shown.current && !matchMedia('(prefers-reduced-motion: reduce)').matches ? 180 : 0
    if (followed !== '' && whole < READABLE) {
      const ids = followed.split(',')
      const seen = store.getState()
      // Where all of them can be read already, another view would only move what one looks at.
      if (shown.current && seen.transform[2] >= READABLE && ids.every((id) => isInView(layout, id, seen))) return
      const nodes = ids.map((id) => ({ id }))
      void flow.fitView({ nodes, maxZoom: 1, minZoom: READABLE, padding: 0.2, duration })
    } else if (!shown.current || followed !== '' || isResized) {
      // The beginning of a large graph says more than a picture of all of it that nobody can read.
      if (whole < SMALLEST_FIT) void flow.setViewport({ x: 24, y: height / 2 - (layout.height / 2) * 0.7, zoom: 0.7 })
      else void flow.fitView({ maxZoom: 1, padding: FIT_PADDING, duration })
    }
    shown.current = true
  }, [flow, store, followed, isMeasured, isMoved, items.length, layout, width, height])
}

/** Brings the selected node into view where it is not, as when it was selected in a table beside the graph. */
function useSelectedInView(selected: string | null, layout: Layout): void {
  const flow = useReactFlow()
  const store = useStoreApi()
  const at = selected === null ? undefined : layout.positions.get(selected)
  useEffect(() => {
    const seen = store.getState()
    if (selected === null || at === undefined || seen.width === 0 || isInView(layout, selected, seen)) return
    const duration = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 150
    void flow.setCenter(at.x + NODE_WIDTH / 2, at.y + NODE_HEIGHT / 2, { zoom: seen.transform[2], duration })
  }, [selected, at, layout, flow, store])
}

/** Whether the whole of a node is in sight. */
function isInView(
  { positions }: Layout,
  id: string,
  {
    width,
    height,
    transform: [left, top, zoom],
  }: { width: number; height: number; transform: [number, number, number] },
): boolean {
  const at = positions.get(id)
  if (at === undefined) return false
  const x = at.x * zoom + left
  const y = at.y * zoom + top
  return x >= 0 && y >= 0 && x + NODE_WIDTH * zoom <= width && y + NODE_HEIGHT * zoom <= height
}
