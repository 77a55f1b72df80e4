import { useEffect, useRef, useState } from 'react'

/** Which file is shown: one that was chosen, or one that another file led to, which then has the keyboard. */
export function useShownFile(first: string | null) {
  const [shown, setShown] = useState({ path: first, isLinked: false })
  return {
    ...shown,
    choose: (path: string) => setShown({ path, isLinked: false }),
    follow: (path: string) => setShown({ path, isLinked: true }),
  }
}

/** For an element that takes the keyboard as it appears, because what had it is gone. */
export function useTakenFocus<E extends HTMLElement>(takesFocus: boolean) {
  const element = useRef<E>(null)
  useEffect(() => {
    if (takesFocus) element.current?.focus()
  }, [takesFocus])
  return element
}
