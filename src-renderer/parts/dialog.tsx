import { X } from 'lucide-react'
import { type ReactNode, useEffect, useId, useState } from 'react'
import { Button, IconButton } from './button.tsx'
import { classNames } from './class-names.ts'
import { LayerContext } from './layer.ts'

/**
 * A question or a form above the page. The browser's own dialog: it keeps the focus inside, gives it back afterwards
 * and closes on Esc. A click beside it closes it too.
 */
export function Dialog({
  open,
  onClose,
  title,
  children,
  footer,
  wide = false,
  reading = false,
}: {
  open: boolean
  onClose: () => void
  title: string
  children: ReactNode
  footer?: ReactNode
  wide?: boolean
  /** Nothing in it is operated, so that the text itself takes the focus, to be scrolled by keys. */
  reading?: boolean
}) {
  const [dialog, setDialog] = useState<HTMLDialogElement | null>(null)
  const titleId = useId()
  useEffect(() => {
    if (dialog === null || dialog.open) return
    dialog.showModal()
    // The browser would take the button that closes.
    const field = dialog.querySelector<HTMLElement>('input, textarea, select')
    ;(field ?? dialog).focus()
  }, [dialog])
  if (!open) return null
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click beside the dialog is an addition; Esc is the browser's own
    <dialog
      ref={setDialog}
      tabIndex={-1}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog) onClose()
      }}
      className={classNames(
        'm-auto max-h-[80vh] max-w-[92vw] animate-appear rounded border border-line bg-raised p-0 shadow-pop outline-none',
        wide ? 'w-[56rem]' : 'w-[30rem]',
      )}
    >
      <LayerContext value={dialog}>
        <div className="flex max-h-[80vh] flex-col">
          <header className="flex items-center justify-between border-b px-4 py-2">
            <h2 id={titleId} className="text-md font-semibold">
              {title}
            </h2>
            <IconButton label="Close" kbd="Esc" icon={<X size={16} />} onClick={onClose} />
          </header>
          <div tabIndex={reading ? 0 : undefined} className="min-h-0 overflow-auto p-4">
            {children}
          </div>
          {footer !== undefined && <footer className="flex justify-end gap-2 border-t px-4 py-3">{footer}</footer>}
        </div>
      </LayerContext>
    </dialog>
  )
}

/** Asks before something that cannot be undone; `action` names what the button does. */
export function ConfirmDialog({
  open,
  onClose,
  onConfirm,
  title,
  action,
  busy = false,
  children,
}: {
  open: boolean
  onClose: () => void
  onConfirm: () => void
  title: string
  action: string
  busy?: boolean
  children: ReactNode
}) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button variant="danger" busy={busy} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <div className="text-ink-2">{children}</div>
    </Dialog>
  )
}
