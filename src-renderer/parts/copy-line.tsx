import { Copy } from 'lucide-react'
import { IconButton } from './button.tsx'
import { toastDone, toastFault } from './toast.tsx'

/** A command to be run elsewhere, with a button that copies it. `label` names the button, `copied` says that it is done. */
export function CopyLine({ text, label, copied }: { text: string; label: string; copied: string }) {
  return (
    <div className="flex max-w-xl items-center gap-1 rounded border bg-sunk py-0.5 pr-0.5 pl-2">
      <code className="min-w-0 flex-1 py-1 font-mono text-xs break-all select-all">{text}</code>
      <IconButton
        label={label}
        icon={<Copy size={14} />}
        onClick={() => void navigator.clipboard.writeText(text).then(() => toastDone(copied), toastFault)}
      />
    </div>
  )
}
