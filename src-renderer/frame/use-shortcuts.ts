import { useEffect, useRef } from 'react'
import { navigate } from '../route.ts'
import { toggleTheme } from '../theme.ts'
import { GO_TO } from './go-to.ts'

/** Keys that work on every page, except where one is typing. */
export function useShortcuts(actions: { openPalette: () => void; openHelp: () => void }): void {
  const latest = useRef(actions)
  useEffect(() => {
    latest.current = actions
  })
  useEffect(() => {
    let goUntil = 0
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return
      const key = event.key.toLowerCase()
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && key === 'k') {
        event.preventDefault()
        latest.current.openPalette()
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (document.querySelector('dialog[open]') !== null) return
      const goTo = event.timeStamp < goUntil ? GO_TO[key] : undefined
      goUntil = 0
      if (goTo !== undefined) navigate(goTo)
      else if (key === 'g') goUntil = event.timeStamp + 1_500
      else if (key === 'n') navigate({ page: 'new-project' })
      else if (key === '?') latest.current.openHelp()
      else if (event.key === 'T') toggleTheme()
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
