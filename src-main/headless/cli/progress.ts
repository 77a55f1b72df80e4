import type { Task } from '#contract/task.ts'
import { formatCost, formatMs, formatTokens, profileLabel } from './format.ts'
import { createPaint, type Paint } from './paint.ts'
import { clip, column, printable, textWidth } from './printable.ts'
import { stateMark } from './state-mark.ts'
import type { ProjectView } from './watch-project.ts'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 120
const MAX_LIVE = 8
const BAR = 28
const ENDED = new Set<Task['state']>(['succeeded', 'failed', 'cancelled', 'skipped', 'blocked'])

export interface Progress {
  show(view: ProjectView): void
  /** A line that stays. */
  note(text: string): void
  /** Takes the moving part away, so that others may write. */
  pause(): void
  close(): void
}

function elapsedMs(task: Task): number {
  if (task.started_at === null) return 0
  return (task.ended_at === null ? Date.now() : Date.parse(task.ended_at)) - Date.parse(task.started_at)
}

function facts(task: Task): string {
  const tokens = task.input_tokens + task.output_tokens
  const parts = [formatCost(task.cost_micros, task.paid), formatMs(elapsedMs(task))]
  if (tokens > 0) parts.unshift(`${formatTokens(tokens)} tokens`)
  if (task.profile !== null) parts.unshift(printable(profileLabel(task.profile)))
  return parts.join(' · ')
}

function titleWidth(tasks: readonly Task[]): number {
  return Math.min(46, Math.max(12, ...tasks.map((task) => textWidth(printable(task.title)))))
}

/** `width`: of the title, or null to take as much as it has. */
function endedLine(task: Task, width: number | null, paint: Paint): string {
  const why = task.reason !== '' && task.state !== 'succeeded' ? ` ${printable(task.reason)}` : ''
  const ink = task.paid ? paint.paid : paint.local
  const told = task.started_at === null ? '' : ink(facts(task))
  const title = width === null ? printable(task.title) : column(printable(task.title), width)
  return `  ${stateMark(task.state, paint)} ${title}  ${told}${paint.dim(why)}`
}

function liveLine(task: Task, width: number, columns: number, frame: string, paint: Paint): string {
  const mark =
    task.state === 'running' ? (task.paid ? paint.paid(frame) : paint.local(frame)) : stateMark(task.state, paint)
  const doing =
    task.state === 'running'
      ? [
          task.profile === null ? '' : printable(profileLabel(task.profile)),
          task.run_phase ?? '',
          formatMs(elapsedMs(task)),
        ]
          .filter((part) => part !== '')
          .join(' · ')
      : printable(task.reason)
  const room = Math.max(8, columns - width - 8)
  return `  ${mark} ${column(printable(task.title), width)}  ${paint.dim(clip(doing, room))}`
}

function summaryLine({ project, tasks }: ProjectView, paint: Paint): string {
  const done = tasks.filter((task) => ENDED.has(task.state)).length
  const running = tasks.filter((task) => task.state === 'running').length
  const filled = tasks.length === 0 ? 0 : Math.round((done / tasks.length) * BAR)
  const bar = `${paint.good('━'.repeat(filled))}${paint.dim('─'.repeat(BAR - filled))}`
  const since = project.started_at === null ? Date.parse(project.created_at) : Date.parse(project.started_at)
  const paid = tasks.some((task) => task.paid)
  const parts = [
    `${done}/${tasks.length}`,
    `${running} running`,
    formatCost(project.spent_micros, paid),
    formatMs(Math.max(0, Date.now() - since)),
  ]
  return `  ${bar}  ${parts.join(' · ')}`
}

/**
 * Progress of a changing graph. listr2 draws lists that are known when they start and one line per task for good; a
 * plan of a thousand tasks that wait, retry and unlock each other needs a window: what ended scrolls away as lines that
 * stay, what moves is drawn below them.
 */
function liveProgress(stream: NodeJS.WriteStream): Progress {
  const paint = createPaint(stream)
  const told = new Map<string, Task['state']>()
  let view: ProjectView | null = null
  let drawn = 0
  let frame = 0

  function erase(): void {
    if (drawn > 0) stream.write(`\x1b[${drawn}A\x1b[0J`)
    drawn = 0
  }

  function draw(): void {
    if (view === null) return
    const columns = stream.columns || 80
    const { project, tasks } = view
    const lines: string[] = []
    if (tasks.length === 0) {
      lines.push(
        `  ${paint.local(FRAMES[frame] ?? '')} ${clip(project.reason === '' ? 'Planning' : printable(project.reason), columns - 6)}`,
      )
    } else {
      const width = Math.min(titleWidth(tasks), Math.max(12, columns - 30))
      const live = tasks.filter((task) => task.state === 'running' || task.state === 'waiting')
      live.sort((a, b) => Number(b.state === 'running') - Number(a.state === 'running'))
      for (const task of live.slice(0, MAX_LIVE)) lines.push(liveLine(task, width, columns, FRAMES[frame] ?? '', paint))
      if (live.length > MAX_LIVE) lines.push(paint.dim(`    and ${live.length - MAX_LIVE} more`))
      lines.push(summaryLine(view, paint))
    }
    erase()
    stream.write(`${lines.join('\n')}\n`)
    drawn = lines.length
  }

  const timer = setInterval(() => {
    frame = (frame + 1) % FRAMES.length
    draw()
  }, FRAME_MS)

  return {
    show(next) {
      view = next
      erase()
      const width = titleWidth(next.tasks)
      for (const task of next.tasks) {
        if (!ENDED.has(task.state) || told.get(task.id) === task.state) continue
        told.set(task.id, task.state)
        stream.write(`${endedLine(task, width, paint)}\n`)
      }
      draw()
    },
    note(text) {
      erase()
      stream.write(`  ${text}\n`)
      draw()
    },
    pause() {
      erase()
      view = null
    },
    close() {
      clearInterval(timer)
      erase()
    },
  }
}

/** One line per change, for logs and pipes. */
function plainProgress(stream: NodeJS.WriteStream): Progress {
  const paint = createPaint(stream)
  const told = new Map<string, string>()
  let toldPlan = ''
  return {
    show({ project, tasks }) {
      // Nobody sees it by a task of its own.
      const why = tasks.length === 0 && project.state === 'waiting' ? project.reason : ''
      if (why !== '' && why !== toldPlan) stream.write(`  The plan waits: ${printable(why)}\n`)
      toldPlan = why
      for (const task of tasks) {
        const state = `${task.state} ${task.state === 'waiting' ? task.reason : ''}`
        const before = told.get(task.id)
        told.set(task.id, state)
        if (before === state || task.state === 'pending' || task.state === 'ready') continue
        if (ENDED.has(task.state)) stream.write(`${endedLine(task, null, paint)}\n`)
        else
          stream.write(
            `  ${stateMark(task.state, paint)} ${printable(task.title)} ${printable(task.reason)}`
              .trimEnd()
              .concat('\n'),
          )
      }
    },
    note(text) {
      stream.write(`  ${text}\n`)
    },
    pause() {},
    close() {},
  }
}

const silent: Progress = { show() {}, note() {}, pause() {}, close() {} }

/** Shows progress on `stream` in the way that suits it; `quiet`: not at all. */
export function createProgress(stream: NodeJS.WriteStream, quiet: boolean): Progress {
  if (quiet) return silent
  return stream.isTTY ? liveProgress(stream) : plainProgress(stream)
}
