/** The name with its mark: a baton in the two inks. */
export function Wordmark() {
  return (
    <span className="inline-flex items-center gap-2 text-md font-semibold tracking-tight">
      <BatonMark />
      Baton
    </span>
  )
}

export function BatonMark() {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" fill="none" strokeWidth="3.5" strokeLinecap="round" aria-hidden>
      <path d="M3 15 11.2 6.8" className="stroke-local-fill" />
      <path d="m11.2 6.8 3.8-3.8" className="stroke-paid-fill" />
    </svg>
  )
}
