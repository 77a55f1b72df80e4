import type { KeyboardEvent, ReactNode } from 'react'

/** Something that only a person decides: what and why, what exactly it is about, and the ways on. */
export function DecisionCard({
  mark,
  kind,
  title,
  why,
  effect,
  onKey,
  children,
}: {
  mark: ReactNode
  kind: string
  title: string
  why: string
  effect?: ReactNode
  /** What a letter does while the card has the focus. */
  onKey: Readonly<Record<string, () => void>>
  children?: ReactNode
}) {
  return (
    <article
      aria-label={`${kind}: ${title}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: letters and arrows decide on the card that has the focus
      tabIndex={0}
      onKeyDown={(event) => steer(event, onKey)}
      className="flex flex-col gap-2 rounded border bg-surface p-4"
    >
      <div className="flex items-center gap-2 text-xs text-ink-2">
        {mark}
        {kind}
      </div>
      <h2 className="text-md font-semibold">{title}</h2>
      {why !== '' && <p className="figures text-ink-2">{why}</p>}
      {effect}
      {children !== undefined && <div className="mt-1 flex flex-wrap items-start justify-end gap-2">{children}</div>}
    </article>
  )
}

function steer(event: KeyboardEvent<HTMLElement>, onKey: Readonly<Record<string, () => void>>): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  // What is typed into a field of the card is no letter for the card.
  if (event.target instanceof Element && event.target.closest('input, select, textarea') !== null) return
  const neighbour =
    event.key === 'ArrowDown'
      ? event.currentTarget.nextElementSibling
      : event.key === 'ArrowUp'
        ? event.currentTarget.previousElementSibling
        : null
  const act = onKey[event.key.toLowerCase()]
  if (neighbour instanceof HTMLElement) neighbour.focus()
  else if (act !== undefined) act()
  else return
  event.preventDefault()
}
