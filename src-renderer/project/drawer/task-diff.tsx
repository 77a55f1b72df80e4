import { Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { FileDiff, TaskDiff } from '#contract/checkpoint.ts'
import type { Task } from '#contract/task.ts'
import { useTaskDiff } from '../../client/queries.ts'
import { Button } from '../../parts/button.tsx'
import { classNames } from '../../parts/class-names.ts'
import { ConfirmDialog } from '../../parts/dialog.tsx'
import { FaultNote, SkeletonRows } from '../../parts/notes.tsx'
import { isEnded } from '../task-line.ts'
import { taskTexts } from '../texts.ts'
import { useCall } from '../use-call.ts'
import { blocksOf, type DiffBlock } from './diff-blocks.ts'
import { RestoreButton } from './restore-files.tsx'
import { useShowTask } from './use-show-task.ts'

/** What the task did to the files, line by line, and the button that takes it back (E10). */
export function TaskDiffView({ task }: { task: Task }) {
  const diff = useTaskDiff(task.id)
  const texts = taskTexts.diff
  if (diff.error !== null) return <FaultNote error={diff.error} retry={() => void diff.refetch()} />
  if (diff.data === undefined) return <SkeletonRows rows={2} />
  const { files, text, truncated, unavailable, checkpoint_id } = diff.data
  if (unavailable !== null) return <p className="text-xs text-ink-2">{unavailable}</p>
  if (files.length === 0) return null
  return (
    <section aria-label={texts.title} className="flex min-w-0 flex-col gap-2">
      <header className="flex items-center gap-2">
        <h3 className="min-w-0 flex-1 text-xs text-ink-3">{texts.title}</h3>
        {checkpoint_id !== null && <RestoreButton task={task} checkpoint={checkpoint_id} />}
        {isEnded(task.state) && <UndoButton task={task} diff={diff.data} />}
      </header>
      <ul className="font-mono text-xs">
        {files.map((file) => (
          <li key={file.path} className="flex items-baseline gap-2">
            <span title={file.path} className="min-w-0 flex-1 truncate">
              {file.path}
            </span>
            <FileFigures file={file} />
          </li>
        ))}
      </ul>
      {text !== '' && (
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="max-h-[60vh] overflow-auto rounded border bg-sunk py-1.5 font-mono text-xs leading-5 select-text"
        >
          {blocksOf(text).map((block) => (
            <span key={block.at} className={classNames('block w-max min-w-full px-2', COLOURS[block.kind])}>
              {block.text}
            </span>
          ))}
        </pre>
      )}
      {truncated && <p className="text-xs text-ink-3">{texts.truncated}</p>}
    </section>
  )
}

const COLOURS: Record<DiffBlock['kind'], string> = {
  file: 'text-ink-3',
  place: 'text-accent',
  added: 'text-good',
  removed: 'text-bad',
  same: 'text-ink-2',
}

function FileFigures({ file }: { file: FileDiff }) {
  const texts = taskTexts.diff
  if (file.added === null || file.removed === null) {
    return <span className="text-ink-3">{texts.notCompared(texts.changes[file.change])}</span>
  }
  return (
    <span className="figures flex gap-1.5">
      <span className="text-ink-3">{texts.changes[file.change]}</span>
      <span className="text-good">+{file.added}</span>
      <span className="text-bad">−{file.removed}</span>
    </span>
  )
}

function UndoButton({ task, diff }: { task: Task; diff: TaskDiff }) {
  const [asks, setAsks] = useState(false)
  const showAnswer = useShowTask(task.project_id)
  const call = useCall((client) => client.tasks.undo({ id: task.id }), showAnswer)
  const texts = taskTexts.diff
  const made = diff.files.filter((file) => file.change === 'added').length
  return (
    <>
      <Button small variant="danger" icon={<Undo2 size={13} />} busy={call.isBusy} onClick={() => setAsks(true)}>
        {texts.undo}
      </Button>
      <ConfirmDialog
        open={asks}
        onClose={() => setAsks(false)}
        onConfirm={() => {
          call.run(undefined)
          setAsks(false)
        }}
        title={texts.undoTitle}
        action={texts.undo}
      >
        <p>{texts.undoWhat(diff.files.length - made, made)}</p>
        <p className="mt-2">{texts.undoWhy}</p>
      </ConfirmDialog>
    </>
  )
}
