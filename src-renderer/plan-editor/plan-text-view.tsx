import { Copy, FileDown, FileUp } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { PlanDocument } from '#contract/plan.ts'
import { Button } from '../parts/button.tsx'
import { TextArea } from '../parts/field.tsx'
import { toastDone, toastFault } from '../parts/toast.tsx'
import type { HistoryAction } from './plan-history.ts'
import { same } from './plan-history.ts'
import { readPlanText, type TextProblem, writePlanText } from './plan-text.ts'
import { planTexts } from './texts.ts'

const MAX_FILE_BYTES = 10_000_000

/** The plan as text. `text` is what was typed and cannot be read yet; null while the text says what the plan says. */
export function PlanTextView({
  document,
  text,
  onText,
  dispatch,
  isEditable,
}: {
  document: PlanDocument
  text: string | null
  onText: (text: string | null) => void
  dispatch: (action: HistoryAction) => void
  isEditable: boolean
}) {
  const area = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(text ?? writePlanText(document))
  const [problems, setProblems] = useState<readonly TextProblem[]>(() => readPlanText(typed).problems)
  const texts = planTexts.text

  // An undo or another view changed the plan: the text follows, unless it holds something that cannot be read yet.
  useEffect(() => {
    setTyped((now) => {
      const read = readPlanText(now)
      return read.document === null || same(read.document, document) ? now : writePlanText(document)
    })
  }, [document])

  const take = (next: string) => {
    setTyped(next)
    const read = readPlanText(next)
    setProblems(read.problems)
    onText(read.document === null ? next : null)
    if (read.document !== null && !same(read.document, document)) {
      dispatch({ kind: 'edit', edit: { kind: 'replace', document: read.document } })
    }
  }
  const jump = (problem: TextProblem) => {
    const element = area.current
    if (element === null) return
    element.focus()
    element.setSelectionRange(problem.offset, typed.indexOf('\n', problem.offset) + 1 || typed.length)
    const lineHeight = Number.parseFloat(getComputedStyle(element).lineHeight)
    element.scrollTop = Math.max(0, (problem.line - 4) * lineHeight)
  }
  const open = async (file: File) => {
    if (file.size > MAX_FILE_BYTES) toastFault(new Error(texts.tooLarge))
    else take(await file.text())
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-2 px-6 py-4">
      <div className="flex items-center gap-2">
        <p className="min-w-0 flex-1 truncate text-xs text-ink-3">{texts.hint}</p>
        <input
          ref={picker}
          type="file"
          accept=".json,.yaml,.yml"
          aria-label={texts.open}
          hidden
          onChange={(event) => {
            const file = event.target.files?.[0]
            event.target.value = ''
            if (file !== undefined) void open(file).catch(toastFault)
          }}
        />
        {isEditable && (
          <Button small icon={<FileUp size={14} />} onClick={() => picker.current?.click()}>
            {texts.open}
          </Button>
        )}
        <Button small icon={<FileDown size={14} />} onClick={() => download(`${document.title}.json`, typed)}>
          {texts.download}
        </Button>
        <Button
          small
          icon={<Copy size={14} />}
          onClick={() => {
            navigator.clipboard.writeText(typed).then(() => toastDone(texts.copied), toastFault)
          }}
        >
          {texts.copy}
        </Button>
      </div>
      <TextArea
        ref={area}
        aria-label={texts.label}
        aria-invalid={problems.length > 0 || undefined}
        aria-describedby="plan-text-problems"
        spellCheck={false}
        readOnly={!isEditable}
        value={typed}
        onChange={(event) => take(event.target.value)}
        className="min-h-0 flex-1 resize-none font-mono text-xs leading-5"
      />
      <div id="plan-text-problems" role="status" className="max-h-32 min-h-6 overflow-auto text-xs">
        {problems.length === 0 && <p className="text-ink-2">{texts.fine}</p>}
        {problems.map((problem) => (
          <button
            key={`${problem.offset} ${problem.path} ${problem.message}`}
            type="button"
            onClick={() => jump(problem)}
            className="flex w-full gap-3 rounded-sm px-1 py-0.5 text-left hover:bg-hover"
          >
            <span className="figures w-16 shrink-0 text-accent">{texts.line(problem.line)}</span>
            <span className="shrink-0 font-mono text-ink-3">{problem.path}</span>
            <span className="text-bad">{problem.message}</span>
          </button>
        ))}
      </div>
    </div>
  )
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name.replace(/[^\p{L}\p{N} ._-]+/gu, '-')
  link.click()
  URL.revokeObjectURL(url)
}
