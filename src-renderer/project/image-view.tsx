import { Copy, Download, ZoomIn } from 'lucide-react'
import { useState } from 'react'
import type { ImageContent } from '#contract/project.ts'
import { useImage } from '../client/queries.ts'
import { IconButton } from '../parts/button.tsx'
import { classNames } from '../parts/class-names.ts'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { bytes, number } from '../texts/figures.ts'
import { projectTexts } from './texts.ts'
import { useTakenFocus } from './use-shown-file.ts'

const IMAGE = /\.(?:png|jpe?g|webp|gif)$/i

export function isImagePath(path: string): boolean {
  return IMAGE.test(path)
}

interface ImageViewProps {
  projectId: string
  path: string
  workspace: string
  takesFocus: boolean
}

/** One image of the workspace. Its bytes come over Baton's own line, never from an address that a model wrote (S10). */
export function ImageView({ projectId, path, workspace, takesFocus }: ImageViewProps) {
  const body = useTakenFocus<HTMLDivElement>(takesFocus)
  const image = useImage(projectId, path)
  const [isFull, setFull] = useState(false)
  const [size, setSize] = useState<{ width: number; height: number } | null>(null)
  const texts = projectTexts.files
  const fullPath = `${workspace.replace(/[\\/]$/, '')}/${path}`
  const copyPath = () => navigator.clipboard.writeText(fullPath).then(() => toastDone(texts.copied), toastFault)
  const shown = image.data
  return (
    <section aria-label={path} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <header className="flex h-10 shrink-0 items-center gap-1 border-b px-3">
        <h3 title={fullPath} className="min-w-0 flex-1 truncate font-mono text-xs">
          {path}
          {shown !== undefined && (
            <span className="figures ml-2 text-ink-3">
              {size !== null && `${number(size.width)} × ${number(size.height)}, `}
              {bytes(shown.bytes)}
            </span>
          )}
        </h3>
        <IconButton
          label={texts.fullSize}
          pressed={isFull}
          icon={<ZoomIn size={14} />}
          onClick={() => setFull(!isFull)}
        />
        <IconButton label={texts.copyPath} icon={<Copy size={14} />} onClick={() => void copyPath()} />
        {shown !== undefined && (
          <IconButton label={texts.download} icon={<Download size={14} />} onClick={() => download(shown)} />
        )}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a large image is scrolled by keys too */}
      <div ref={body} tabIndex={0} className="min-h-0 flex-1 overflow-auto bg-sunk p-4">
        {image.error !== null && <FaultNote error={image.error} retry={() => void image.refetch()} />}
        {image.isPending && <SkeletonRows rows={6} />}
        {shown !== undefined && (
          <img
            src={urlOf(shown)}
            alt={texts.imageOf(path)}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setSize({ width: naturalWidth, height: naturalHeight })
            }
            className={classNames('mx-auto block', !isFull && 'max-h-full max-w-full object-contain')}
          />
        )}
      </div>
    </section>
  )
}

/** The bytes of an image as an address of their own, which asks nobody. */
export function urlOf({ media_type, base64 }: Pick<ImageContent, 'media_type' | 'base64'>): string {
  return `data:${media_type};base64,${base64}`
}

function download(image: ImageContent): void {
  const link = document.createElement('a')
  link.href = urlOf(image)
  link.download = image.path.split('/').at(-1) ?? 'image'
  link.click()
}
