/** Keys as one writes them: `Ctrl K`. On a Mac, Ctrl shows as ⌘. */
export function Kbd({ keys }: { keys: string }) {
  const shown = isMac() ? keys.replaceAll('Ctrl', '⌘') : keys
  return (
    <kbd className="inline-flex gap-1 font-sans">
      {shown.split(' ').map((key) => (
        <span
          key={key}
          className="min-w-4 rounded-sm border border-line bg-sunk px-1 text-center text-xs leading-4 text-ink-2"
        >
          {key}
        </span>
      ))}
    </kbd>
  )
}

/** Whether the keyboard has ⌘ where others have Ctrl. */
export function isMac(): boolean {
  return navigator.platform.startsWith('Mac')
}
