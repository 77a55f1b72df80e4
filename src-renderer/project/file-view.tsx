import { Code, Copy, Download, WrapText } from 'lucide-react'
import { useState } from 'react'
import { useArtifact } from '../client/queries.ts'
import { LateMarkdown } from '../markdown/late-markdown.tsx'
import { isMarkdownPath } from '../markdown/markdown-path.ts'
import { IconButton } from '../parts/button.tsx'
import { classNames } from '../parts/class-names.ts'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { bytes } from '../texts/figures.ts'
import { ImageView, isImagePath } from './image-view.tsx'
import { projectTexts } from './texts.ts'
import { useTakenFocus } from './use-shown-file.ts'

interface FileViewProps {
  projectId: string
  path: string
  workspace: string
  /** It was opened by a link in another file, which is gone with the keyboard on it. */
  takesFocus: boolean
  /** Shows another file in its place. */
  onOpen: (path: string) => void
}

/** One file: an image as itself, Markdown as what it says or as it is written, anything else as its source text. */
export function FileView(props: FileViewProps) {
  return isImagePath(props.path) ? <ImageView {...props} /> : <TextView {...props} />
}

/** Whether Markdown is read as it is written; kept for this tab. */
function useSource(): [boolean, () => void] {
  const [isSource, setSource] = useState(() => sessionStorage.getItem(SOURCE_KEY) !== null)
  const toggle = () => {
    if (isSource) sessionStorage.removeItem(SOURCE_KEY)
    else sessionStorage.setItem(SOURCE_KEY, 'source')
    setSource(!isSource)
  }
  return [isSource, toggle]
}
const SOURCE_KEY = 'baton.markdown'

/** Nothing in it is ever taken for HTML, or for an address to load from or to lead to (S10). */
function TextView({ projectId, path, workspace, takesFocus, onOpen }: FileViewProps) {
  const file = useArtifact(projectId, path)
  const [wraps, setWraps] = useState(true)
  const [asSource, toggleSource] = useSource()
  const body = useTakenFocus<HTMLDivElement>(takesFocus)
  const isMarkdown = isMarkdownPath(path)
  const isSource = !isMarkdown || asSource
  const texts = projectTexts.files
  const text = file.data?.text ?? null
  const fullPath = `${workspace.replace(/[\\/]$/, '')}/${path}`
  const copyPath = () => navigator.clipboard.writeText(fullPath).then(() => toastDone(texts.copied), toastFault)
  return (
    <section aria-label={path} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <header className="flex h-10 shrink-0 items-center gap-1 border-b px-3">
        <h3 title={fullPath} className="min-w-0 flex-1 truncate font-mono text-xs">
          {path}
          {file.data !== undefined && <span className="ml-2 text-ink-3">{bytes(file.data.bytes)}</span>}
        </h3>
        {isMarkdown && (
          <IconButton label={texts.source} pressed={asSource} icon={<Code size={14} />} onClick={toggleSource} />
        )}
        {isSource && (
          <IconButton
            label={texts.wrap}
            pressed={wraps}
            icon={<WrapText size={14} />}
            onClick={() => setWraps(!wraps)}
          />
        )}
        <IconButton label={texts.copyPath} icon={<Copy size={14} />} onClick={() => void copyPath()} />
        {text !== null && (
          <IconButton label={texts.download} icon={<Download size={14} />} onClick={() => download(path, text)} />
        )}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long file is scrolled by keys too */}
      <div ref={body} tabIndex={0} className="min-h-0 flex-1 overflow-auto p-4">
        {file.error !== null && <FaultNote error={file.error} retry={() => void file.refetch()} />}
        {file.isPending && <SkeletonRows rows={6} />}
        {file.data !== undefined && file.data.text === null && (
          <p className="text-ink-2">
            {texts.notText} {texts.where} <code className="font-mono text-xs break-all select-text">{fullPath}</code>.
          </p>
        )}
        {file.data?.truncated === true && <p className="mb-3 text-xs text-ink-3">{texts.truncated}</p>}
        {text !== null && !isSource && (
          <LateMarkdown {...{ projectId, path, text, onOpen }} meanwhile={<SkeletonRows rows={6} />} />
        )}
        {text !== null && isSource && (
          <pre
            className={classNames(
              'font-mono text-xs leading-5 select-text',
              wraps && 'break-words whitespace-pre-wrap',
            )}
          >
            {text}
          </pre>
        )}
      </div>
    </section>
  )
}

function download(path: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = path.split('/').at(-1) ?? 'file.txt'
  link.click()
  URL.revokeObjectURL(url)
}
