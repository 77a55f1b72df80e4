import { Copy } from 'lucide-react'
import { IconButton } from '../../parts/button.tsx'
import { classNames } from '../../parts/class-names.ts'
import { toastDone, toastFault } from '../../parts/toast.tsx'
import { taskTexts } from '../texts.ts'

/** Text that came from a model or a tool, as text: selectable, copyable, never taken for anything else (S10). */
export function TextBlock({ label, text, tall = false }: { label: string; text: string; tall?: boolean }) {
  const copy = () => navigator.clipboard.writeText(text).then(() => toastDone(taskTexts.steps.copied), toastFault)
  return (
    <section aria-label={label} className="min-w-0">
      <header className="flex h-7 items-center justify-between">
        <h4 className="text-xs font-medium text-ink-3">{label}</h4>
        <IconButton label={taskTexts.steps.copy} icon={<Copy size={13} />} onClick={() => void copy()} />
      </header>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className={classNames(
          'overflow-auto rounded border bg-sunk px-2 py-1.5 font-mono text-xs leading-5 break-words whitespace-pre-wrap select-text',
          tall ? 'max-h-[60vh]' : 'max-h-64',
        )}
      >
        {text === '' ? '(empty)' : text}
      </pre>
    </section>
  )
}

/** Any recorded value as text: text as it is, fields that are texts as paragraphs, all else as JSON. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (isRecord(value) && Object.values(value).every((each) => typeof each === 'string')) {
    return Object.entries(value)
      .map(([key, text]) => (String(text).includes('\n') ? `${key}:\n${text}` : `${key}: ${text}`))
      .join('\n')
  }
  return JSON.stringify(value, null, 2)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
