import { Handle, type NodeHandle, type NodeProps, Position } from '@xyflow/react'
import { createContext, memo, type ReactNode, useContext } from 'react'
import { classNames } from '../parts/class-names.ts'
import { useTurn } from '../parts/use-turn.ts'
import { type GraphItem, NODE_HEIGHT, NODE_WIDTH } from './layout.ts'

const DOT = 10
const DOT_TOP = (NODE_HEIGHT - DOT) / 2

/** Where the handles of a node are, as graph.css draws them. */
export const HANDLES: NodeHandle[] = [
  { type: 'target', position: Position.Left, x: -DOT / 2, y: DOT_TOP, width: DOT, height: DOT },
  { type: 'source', position: Position.Right, x: NODE_WIDTH - DOT / 2, y: DOT_TOP, width: DOT, height: DOT },
]

/** The keys that were held with a click. */
export type HeldKeys = { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }

/** What all nodes of one graph share. In a context, so that the nodes themselves need not change. */
export type NodeSetting = {
  draw: (item: GraphItem) => ReactNode
  nameOf: (item: GraphItem) => string
  /** Given: nodes are so small that each is a mark in its colour. */
  markOf: ((item: GraphItem) => string) | null
  onSelect: (id: string, held: HeldKeys) => void
  onArrow: (id: string, key: string) => boolean
  connectable: boolean
}

export const NodeSettingContext = createContext<NodeSetting | null>(null)

/** One node: a button that selects, with a handle at each side to connect where the graph can be edited. */
export const GraphNode = memo(function GraphNode({ id, data, selected }: NodeProps) {
  const setting = useContext(NodeSettingContext)
  if (setting === null) throw new Error('GraphNode stands outside of TaskGraph')
  const item = data['item'] as GraphItem
  const isTurn = useTurn()
  return (
    <>
      {setting.connectable && <Handle type="target" position={Position.Left} isConnectable />}
      <button
        type="button"
        data-node={id}
        aria-label={setting.nameOf(item)}
        aria-pressed={selected}
        onClick={(event) => setting.onSelect(id, event)}
        onKeyDown={(event) => {
          if (setting.onArrow(id, event.key)) event.preventDefault()
        }}
        className={classNames(
          'nodrag block size-full rounded border bg-surface text-left transition-colors hover:border-line-strong',
          selected ? 'border-accent outline outline-accent' : 'border-line',
        )}
      >
        {setting.markOf !== null ? (
          <span className="block size-full" style={{ background: setting.markOf(item) }} />
        ) : (
          isTurn && setting.draw(item)
        )}
      </button>
      {setting.connectable && <Handle type="source" position={Position.Right} isConnectable />}
    </>
  )
})
